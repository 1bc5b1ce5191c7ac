using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

public sealed class UpCommandTests
{
    [Fact]
    public async Task After_up_with_the_demo_the_first_command_gets_its_echo()
    {
        using var folder = new TempFolder();
        var home = folder.PathOf("home");
        await using var up = ParleyProgram.Start(home, "up", "--demo");
        await up.WaitForErrorAsync("ready; Ctrl-C");

        var reply = await ParleyProgram.RunAsync(home, "a2a", "send", "echo", "hello");

        Assert.Equal((0, "hello"), (reply.ExitCode, reply.Output));
        var agents = await ParleyProgram.RunAsync(home, "agents", "--json");
        Assert.Contains("local.echo", agents.Output);
        up.Terminate();
        Assert.Equal(0, await up.WaitForExitAsync());
    }

    [Fact]
    public async Task A_home_that_was_up_before_comes_back_as_the_same_agents()
    {
        using var folder = new TempFolder();
        var home = folder.PathOf("home");
        await using (var first = ParleyProgram.Start(home, "up", "--demo"))
        {
            await first.WaitForErrorAsync("ready; Ctrl-C");
            first.Terminate();
            await first.WaitForExitAsync();
        }

        await using var second = ParleyProgram.Start(home, "up", "--demo");
        await second.WaitForErrorAsync("ready; Ctrl-C");

        Assert.Equal("again", (await ParleyProgram.RunAsync(home, "a2a", "send", "echo", "again")).Output);
    }
}
