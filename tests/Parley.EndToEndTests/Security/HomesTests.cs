using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.Security;

/// <summary>What stands in a home or a data folder is for one user's eyes.</summary>
public sealed class HomesTests
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    [Fact]
    public async Task Every_file_and_folder_is_closed_to_others_while_all_of_them_are_in_use()
    {
        await using var hub = await StartAsync();
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen");
        await listener.WaitForErrorAsync("listening");
        var file = hub.HomeOf("note.txt");
        await File.WriteAllTextAsync(file, "x");
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "b", "--file", file);
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "b", "--no-wait", "text");

        var paths = new[] { hub.Data, hub.HomeOf("a"), hub.HomeOf("b") }
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Prepend(folder)).ToList();

        Assert.Contains(paths, path => path.EndsWith("note.txt", StringComparison.Ordinal));
        Assert.Contains(paths, path => path.EndsWith("-wal", StringComparison.Ordinal));
        Assert.Empty(paths.Where(path => (File.GetUnixFileMode(path) & Others) != 0).Select(path => $"{path} {File.GetUnixFileMode(path)}"));
    }

    [Theory]
    [InlineData("", "750", "chmod 700")]
    [InlineData("identity.key", "640", "chmod 600")]
    [InlineData("identity.key", "604", "chmod 600")]
    [InlineData("profile.json", "660", "chmod 600")]
    [InlineData("journal.db", "640", "chmod 600")]
    public async Task What_others_may_enter_or_read_is_refused_with_the_command_that_mends_it(string name, string mode, string remedy)
    {
        await using var hub = await StartAsync();
        var home = hub.HomeOf("b");
        await using (var listener = ParleyProgram.Start(home, "a2a", "listen"))
        {
            await listener.WaitForErrorAsync("listening");
            listener.Terminate();
            await listener.WaitForExitAsync();
        }

        File.SetUnixFileMode(Path.Combine(home, name), (UnixFileMode)Convert.ToInt32(mode, 8));
        var outcome = await ParleyProgram.RunAsync(home, "a2a", "listen", "--once");

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.StartsWith("parley: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--openai-key-file", "--openai", "http://127.0.0.1:1/v1", "--model", "m")]
    [InlineData("--http-key-file", "--http", "http://127.0.0.1:1")]
    public async Task A_key_that_others_may_read_is_not_used(string option, params string[] responder)
    {
        await using var hub = await StartAsync();
        var file = hub.HomeOf("service.key");
        await File.WriteAllTextAsync(file, "s3cret\n");
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("644", 8));

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("b"), ["a2a", "listen", "--once", option, file, .. responder]);

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("chmod 600", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "750", "chmod 700")]
    [InlineData("admin.key", "640", "chmod 600")]
    [InlineData("parley.db", "640", "chmod 600")]
    public async Task A_hub_does_not_start_on_data_that_others_may_read(string name, string mode, string remedy)
    {
        await using var hub = await StartAsync();
        hub.Process.Terminate();
        await hub.Process.WaitForExitAsync();

        File.SetUnixFileMode(Path.Combine(hub.Data, name), (UnixFileMode)Convert.ToInt32(mode, 8));
        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("operator"), "hub", "--data", hub.Data, "--listen", "http://127.0.0.1:0");

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.StartsWith("parley: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_user_of_the_machine_reads_nothing_of_a_home()
    {
        var setpriv = Requires.Program("setpriv");
        Requires.Root();
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        using var shared = new TempFolder();
        File.SetUnixFileMode(shared.FullPath, (UnixFileMode)Convert.ToInt32("1777", 8));
        var home = shared.PathOf("ann");
        var joined = await As(setpriv, "12345", ["env", $"PARLEY_HOME={home}", ParleyProgram.FullPath, "join", "-", "--name", "ann"], agents.Join.Reveal());
        if (joined.ExitCode is 126 or 127)
        {
            Assert.Skip("other users may not run the program where it is built");
        }

        Assert.Equal((0, "ann\n"), (joined.ExitCode, joined.Output));
        var stranger = await As(setpriv, "12346", ["env", $"PARLEY_HOME={home}", ParleyProgram.FullPath, "whoami"]);
        Assert.NotEqual(0, stranger.ExitCode);
        Assert.DoesNotContain("local.ann", stranger.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", stranger.Error, StringComparison.Ordinal);
        foreach (var path in Directory.EnumerateFiles(home).Prepend(home))
        {
            File.SetUnixFileMode(home, (UnixFileMode)Convert.ToInt32(path == home ? "700" : "755", 8));
            var read = await As(setpriv, "12346", [path == home ? "ls" : "cat", path]);
            Assert.True(read.ExitCode != 0 && read.Output.Length == 0, $"{path} was read by a stranger.");
        }
    }

    private static Task<ProcessOutcome> As(string setpriv, string user, string[] command, string input = "") =>
        RealProcess.RunAsync(setpriv, ["--reuid", user, "--regid", user, "--clear-groups", .. command], input);

    private static async Task<HubProcess> StartAsync()
    {
        var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("a");
        await agents.EnrolAsync("b");
        return hub;
    }
}
