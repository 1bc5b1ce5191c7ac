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

    [Fact]
    public void C1_a_damaged_file_is_refused_with_its_path_and_the_place()
    {
        Write("{\n  \"self\": }");

        var refusal = Assert.Throws<ParleyException>(_file.Load);

        Assert.Equal(ErrorCode.FileDamaged, refusal.Code);
        Assert.Contains("line 2, byte 11", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.PathOf("peers.json"), refusal.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("pipe")]
    [InlineData("/dev/zero")]
    public async Task C1_a_secret_that_names_a_pipe_or_a_device_is_refused_at_once(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes are made by mkfifo, /dev/zero is of Linux.");
        await System.Diagnostics.Process.Start("mkfifo", ["-m", "600", _folder.PathOf("pipe")]).WaitForExitAsync();
        Write($$$"""{"self":{"name":"one","signingKey":"{{file.{{{name}}}}}"}}""");

        var directory = await Task.Run(_file.Load);

        Assert.Null(directory.SigningKey);
        Assert.Contains("is a pipe, a device or a socket", Assert.Single(directory.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void C1_a_link_is_read_and_never_replaced()
    {
        SecretFile.Write(_folder.PathOf("real.json"), """{"self":{"name":"one"}}"""u8);
        File.CreateSymbolicLink(_folder.PathOf("peers.json"), "real.json");

        var refusal = Assert.Throws<ParleyException>(() => Write("{}"));

        Assert.Equal("one", _file.Current.Name);
        Assert.Contains($"mv {_folder.PathOf("real.json")} {_folder.PathOf("peers.json")}", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(_folder.PathOf("peers.json")).LinkTarget);
    }

    private void Write(string text) => SecretFile.Write(_folder.PathOf("peers.json"), System.Text.Encoding.UTF8.GetBytes(text));
}
