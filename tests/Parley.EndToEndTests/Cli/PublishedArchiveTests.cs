using System.Collections.ObjectModel;
using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

/// <summary>What <c>./parley publish</c> makes, on a machine that has a few tools of the system and neither git nor the SDK: installed, and used for the main job.</summary>
public sealed class PublishedArchiveTests : IDisposable
{
    private const string Archive = "parley-linux-x64.tar.gz";
    private static readonly TimeSpan _longestPublish = TimeSpan.FromMinutes(15);
    private static readonly string[] _tools = ["sh", "sed", "grep", "tar", "gzip", "sha256sum", "uname", "mktemp", "chmod", "mv", "mkdir", "dirname", "rm", "cat"];

    private readonly TempFolder _folder = new();
    private readonly ReadOnlyDictionary<string, string?> _machine;

    public PublishedArchiveTests()
    {
        foreach (var tool in _tools)
        {
            Directory.CreateDirectory(_folder.PathOf("tools"));
            File.CreateSymbolicLink(_folder.PathOf($"tools/{tool}"), Requires.Program(tool));
        }

        Directory.CreateDirectory(_folder.PathOf("empty"));
        Directory.CreateDirectory(_folder.PathOf("got"));
        _machine = new(new Dictionary<string, string?>
        {
            ["PATH"] = _folder.PathOf("tools"),
            ["HOME"] = _folder.PathOf("empty"),
            ["DOTNET_ROOT"] = null,
            ["DOTNET_HOST_PATH"] = null,
            ["XDG_DATA_HOME"] = null,
            ["PARLEY_HOME"] = null,
        });
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_published_is_installed_and_does_the_main_job()
    {
        Requires.LongRun();
        await PublishAsync();

        var installed = await RealProcess.RunAsync(_folder.PathOf("tools/sh"), ["install.sh", "--prefix", _folder.PathOf("prefix")], environment: _machine, folder: _folder.PathOf("got"));
        Assert.True(installed.ExitCode == 0, installed.Error);
        Assert.Equal((await ParleyProgram.RunAsync(_folder.PathOf("any"), "--version")).Output, (await RunAsync("any", "--version")).Output);

        await using var hub = Start("operator", "hub", "--data", _folder.PathOf("data"), "--listen", $"http://127.0.0.1:{LoopbackPorts.Take()}", "--grpc", $"http://127.0.0.1:{LoopbackPorts.Take()}");
        await hub.WaitForErrorAsync("ready http");
        foreach (var agent in (string[])["agent-a", "agent-b"])
        {
            var join = await RunAsync("operator", "admin", "--data", _folder.PathOf("data"), "tokens", "create");
            var joined = await RunWithInputAsync(agent, join.Output.Trim(), "join", "-", "--name", agent);
            Assert.True(joined.ExitCode == 0, joined.Error);
        }

        await using var listener = Start("agent-b", "a2a", "listen", "--exec", "/bin/sh");
        await listener.WaitForErrorAsync("listening");
        var sent = await RunAsync("agent-a", "a2a", "send", "agent-b", "echo $((6 * 7)); exit 3");

        Assert.Equal(("42\n", 3), (sent.Output, sent.ExitCode));

        // The runtime unpacks a library for itself; Parley leaves nothing in a home that is not its own.
        Assert.Equal([".net"], Directory.GetFileSystemEntries(_folder.PathOf("empty")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_archive_that_is_damaged_or_missing_is_not_installed(bool isThere)
    {
        File.Copy(Path.Combine(RepositoryFiles.Root, "install.sh"), _folder.PathOf("got/install.sh"));
        File.WriteAllText(_folder.PathOf("got/SHA256SUMS"), $"{new string('0', 64)}  {Archive}\n");
        if (isThere)
        {
            File.WriteAllText(_folder.PathOf($"got/{Archive}"), "no archive");
        }

        var outcome = await RealProcess.RunAsync(_folder.PathOf("tools/sh"), ["install.sh", "--prefix", _folder.PathOf("prefix")], environment: _machine, folder: _folder.PathOf("got"));

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(isThere ? "damaged" : "not beside this script", outcome.Error, StringComparison.Ordinal);
        Assert.False(Path.Exists(_folder.PathOf("prefix")));
    }

    private async Task PublishAsync()
    {
        await using var publish = RealProcess.Start(Path.Combine(RepositoryFiles.Root, "parley"), ["publish"]);
        await Deadline.UntilAsync(() => publish.HasExited, "the archives are made", _longestPublish);
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, publish.ToString());
        foreach (var file in (string[])[Archive, "SHA256SUMS", "install.sh"])
        {
            File.Copy(Path.Combine(publish.Output.Trim(), file), _folder.PathOf($"got/{file}"));
        }
    }

    private Dictionary<string, string?> EnvironmentOf(string home) => new(_machine) { ["PARLEY_HOME"] = _folder.PathOf($"homes-{home}") };

    private RealProcess Start(string home, params string[] arguments) => RealProcess.Start(_folder.PathOf("prefix/bin/parley"), arguments, EnvironmentOf(home));

    private Task<ProcessOutcome> RunAsync(string home, params string[] arguments) => RunWithInputAsync(home, string.Empty, arguments);

    private Task<ProcessOutcome> RunWithInputAsync(string home, string input, params string[] arguments) =>
        RealProcess.RunAsync(_folder.PathOf("prefix/bin/parley"), arguments, input, EnvironmentOf(home));
}
