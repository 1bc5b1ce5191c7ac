using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

public sealed class PeersFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _problems = [];
    private readonly PeersFile _file;

    public PeersFileTests() =>
        _file = new PeersFile(_folder.PathOf("peers.json"), static _ => null, NullLogger<PeersFile>.Instance) { OnProblem = _problems.Add };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void C1_without_a_file_nobody_is_known()
    {
        Assert.Empty(_file.Current.Peers);
        Assert.Equal(ErrorCode.NotFound, Assert.Throws<ParleyException>(_file.Load).Code);
    }

    [Fact]
    public void C1_a_change_counts_at_once()
    {
        Write("""{"self":{"name":"one"}}""");
        var before = _file.Current.Name;

        Write("""{"self":{"name":"another"}}""");

        Assert.Equal(("one", "another"), (before, _file.Current.Name));
    }

    [Fact]
    public void C1_a_damaged_file_changes_nothing_and_is_told_once()
    {
        Write("""{"self":{"name":"one"}}""");
        _ = _file.Current;

        Write("{ half");

        Assert.Equal(("one", "one"), (_file.Current.Name, _file.Current.Name));
        Assert.Single(_problems);
    }

    [Fact]
    public void C1_a_file_that_others_may_read_makes_nobody_known()
    {
        Write("""{"self":{"name":"one"}}""");
        _ = _file.Current;

        Write("""{"self":{"name":"another"}}""");
        File.SetUnixFileMode(_folder.PathOf("peers.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Equal("default", _file.Current.Name);
        Assert.Contains("chmod 600", Assert.Single(_problems), StringComparison.Ordinal);
        Assert.Equal(ErrorCode.FilePermissions, Assert.Throws<ParleyException>(_file.Load).Code);
    }

    [Fact]
    public void A_referenced_file_that_others_may_read_is_refused()
    {
        File.WriteAllText(_folder.PathOf("own.key"), "x");
        File.SetUnixFileMode(_folder.PathOf("own.key"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Write("""{"self":{"name":"one","signingKey":"{{file.own.key}}"}}""");

        Assert.Null(_file.Current.SigningKey);
        Assert.Contains("chmod 600", Assert.Single(_problems), StringComparison.Ordinal);
    }

    private void Write(string text) => SecretFile.Write(_folder.PathOf("peers.json"), System.Text.Encoding.UTF8.GetBytes(text));
}
