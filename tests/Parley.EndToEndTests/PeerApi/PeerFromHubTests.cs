using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.PeerApi;

public sealed class PeerFromHubTests
{
    [Fact]
    public async Task W9_agents_of_one_hub_become_peers_by_the_keys_that_they_enrolled_with()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("agent-a");
        await agents.EnrolAsync("agent-b");
        var (a, b) = (hub.HomeOf("agent-a"), hub.HomeOf("agent-b"));
        await ParleyProgram.RunAsync(a, "peer", "init", "--name", "agent-a");
        await ParleyProgram.RunAsync(b, "peer", "init", "--name", "agent-b");
        await using var homes = await PeerHomes.MakeAsync();
        var port = await homes.ServeAsync(b, "cat");

        var added = await ParleyProgram.RunAsync(a, "peer", "add", "--from-hub", "agent-b", "--host", "127.0.0.1", "--port", port);
        var back = await ParleyProgram.RunAsync(b, "peer", "add", "--from-hub", "agent-a", "--host", "127.0.0.1");
        var asked = await ParleyProgram.RunAsync(a, "peer", "ask", "agent-b", "hello");

        Assert.Equal((0, "agent-b\n"), (added.ExitCode, added.Output));
        Assert.Contains("compare", added.Error, StringComparison.Ordinal);
        Assert.Equal(0, back.ExitCode);
        Assert.Equal((0, "hello\n"), (asked.ExitCode, asked.Output));
    }
}
