using Parley.EndToEndTests.A2a;
using Parley.EndToEndTests.Cli;

namespace Parley.EndToEndTests.PeerApi;

/// <summary>Circles that go through a hub and past it: each door has limits of its own, and one alone would see a new beginning each time.</summary>
public sealed class PeerHopTests
{
    private const int Budget = 4;

    [Fact]
    public async Task P4_a_circle_through_a_peer_and_a_hub_ends_when_the_budget_is_spent()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("agent-a");
        await agents.EnrolAsync("agent-b");
        var (a, b) = (hub.HomeOf("agent-a"), hub.HomeOf("agent-b"));
        await ParleyProgram.RunAsync(a, "peer", "init", "--name", "agent-a");
        await ParleyProgram.RunAsync(b, "peer", "init", "--name", "agent-b");
        await using var homes = await PeerHomes.MakeAsync();
        var asked = homes.PathOf("asked");

        // Neither script knows of hops; each stops by itself long after the budget is spent.
        string Script(string next) => $"echo x >> {asked}; [ $(wc -l < {asked}) -gt 10 ] && exit 9; exec {ParleyProgram.FullPath} {next}";
        await PeerHomes.IntroduceAsync(b, await homes.ServeScriptAsync(b, Script("a2a send agent-a again --json --timeout 60s")), a);
        await PeerHomes.IntroduceAsync(a, "3100", b);
        var answer = await PeerHomes.ScriptAsync(a, Script("peer ask agent-b again --json"));
        await agents.ListenAsync("agent-a", "--concurrency", "8", "--exec", answer);

        var outcome = await ParleyProgram.RunAsync(a, "peer", "ask", "agent-b", "begin", "--hops", $"{Budget}");

        Assert.Equal(Budget, (await File.ReadAllLinesAsync(asked)).Length);
        Assert.Contains("hop_exceeded", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P4_what_is_sent_over_the_hub_has_one_hop_less_and_nothing_when_none_is_left()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("agent-a");
        await agents.EnrolAsync("agent-b");
        await using var homes = await PeerHomes.MakeAsync();
        await agents.ListenAsync("agent-a", "--exec", await PeerHomes.ScriptAsync(homes.A, "printf %s \"$PARLEY_CONTEXT\""));

        var left = await ParleyProgram.RunWithAsync(hub.HomeOf("agent-b"), Context(3), "", "a2a", "send", "agent-a", "hi", "--meta", "peer_hops=99,k=v");
        var none = await ParleyProgram.RunWithAsync(hub.HomeOf("agent-b"), Context(0), "", "a2a", "send", "agent-a", "hi");

        Assert.Contains("\"peer_hops\":\"2\"", left.Output, StringComparison.Ordinal);
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("hop budget is spent", none.Error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Context(int left) => new() { ["PARLEY_CONTEXT"] = $$"""{"peer_hops":"{{left}}"}""" };
}
