using System.Text.Json;
using Parley.Client.Peering;
using Parley.Protocol.Management;
using Parley.Testing;

namespace Parley.HubTests.Peering;

/// <summary>What an agent's programs take from machine to machine, as those see it who see the agent.</summary>
public sealed class AcceptsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_program_accepts_is_shown_as_long_as_it_does()
    {
        await using var stage = await PeerStage.StartAsync();
        var alice = await stage.AttachAsync(stage.Alice);

        var before = await ViewAsync(alice, stage.Bob);
        var bob = await stage.AttachAsync(stage.Bob, PeerStage.Receiving with { Accepts = [PeerPurpose.Call, PeerPurpose.Transfer] });
        var during = await ViewAsync(alice, stage.Bob);
        await bob.DisposeAsync();
        await Deadline.UntilAsync(async () => (await ViewAsync(alice, stage.Bob))!.Accepts is null, "nothing to be accepted");

        Assert.Null(before!.Accepts);
        Assert.Equal(["transfer", "call"], during!.Accepts!);
        Assert.False(during.Online);
    }

    [Fact]
    public async Task Who_does_not_see_the_agent_sees_nothing_of_it()
    {
        await using var stage = await PeerStage.StartAsync(bobsOwner: "other");
        await stage.AttachAsync(stage.Bob, PeerStage.Receiving);

        Assert.Null(await ViewAsync(await stage.AttachAsync(stage.Alice), stage.Bob));
    }

    private static async Task<AgentView?> ViewAsync(AgentPeering peering, EnrolledAgent of)
    {
        using var answer = await peering.Link.CallAsync("agents.list", "{}"u8.ToArray(), Stop);
        return answer.Deserialize(ManagementJson.Answers.PageAgentView)!.Data.SingleOrDefault(agent => agent.Address == of.Address.ToString());
    }
}
