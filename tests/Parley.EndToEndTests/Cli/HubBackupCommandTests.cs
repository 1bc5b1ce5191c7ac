using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

public sealed class HubBackupCommandTests
{
    [Fact]
    public async Task A_copy_made_under_load_starts_as_the_same_hub_and_agents_come_back_to_it()
    {
        await using var hub = await HubProcess.StartAsync();
        var join = await hub.MakeJoinStringAsync("--uses", "many");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("a"), join, "join", "-", "--name", "agent-a");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("b"), join, "join", "-", "--name", "agent-b");
        await ParleyProgram.RunWithInputAsync(hub.HomeOf("c"), join, "join", "-", "--name", "agent-c");
        await using var listener = ParleyProgram.Start(hub.HomeOf("b"), "a2a", "listen", "--exec", "cat");
        await listener.WaitForErrorAsync("listening");
        var archive = hub.HomeOf("hub.tar.gz");

        // A load that goes through the store: agent-c has no listener.
        var sends = Enumerable.Range(0, 12).Select(number => ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-c", $"m{number}", "--no-wait", "--type", "text")).ToList();
        var made = await ParleyProgram.RunAsync(hub.HomeOf("operator"), "hub", "backup", archive, "--data", hub.Data, "--json");
        await Task.WhenAll(sends);
        hub.Process.Kill();
        await hub.Process.WaitForExitAsync();
        var restored = await ParleyProgram.RunAsync(hub.HomeOf("operator"), "hub", "restore", archive, "--data", hub.Data, "--force");
        await hub.RestartAsync();
        var answer = await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "still there?");

        Assert.Equal(0, made.ExitCode);
        using var json = JsonDocument.Parse(made.Output);
        Assert.Equal(64, json.RootElement.GetProperty("sha256").GetString()!.Length);
        Assert.Contains("keep it as secret", made.Error, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive));
        Assert.Equal(0, restored.ExitCode);
        Assert.Contains("replaced-", restored.Error, StringComparison.Ordinal);
        Assert.Equal("still there?", answer.Output);
    }

    [Fact]
    public async Task A_running_hub_is_not_restored_over()
    {
        await using var hub = await HubProcess.StartAsync();
        var archive = hub.HomeOf("hub.tar.gz");
        await ParleyProgram.RunAsync(hub.HomeOf("operator"), "hub", "backup", archive, "--data", hub.Data);

        var outcome = await ParleyProgram.RunAsync(hub.HomeOf("operator"), "hub", "restore", archive, "--data", hub.Data, "--force");

        Assert.Equal(6, outcome.ExitCode);
        Assert.Contains("stop it first", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_archive_is_refused_with_the_exit_code_of_integrity()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.PathOf("noise"), "no archive");

        var outcome = await ParleyProgram.RunAsync(folder.PathOf("home"), "hub", "restore", folder.PathOf("noise"));

        Assert.Equal(7, outcome.ExitCode);
        Assert.Contains("Nothing was changed", outcome.Error, StringComparison.Ordinal);
    }
}
