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

    [Fact]
    public async Task One_agents_sessions_leave_room_for_those_of_others()
    {
        await using var stage = await PeerStage.StartAsync();
        var carol = await stage.Hubs.EnrolAsync("carol");
        await stage.AttachAsync(stage.Bob, PeerStage.Receiving with { MaxSessions = 3, MaxSessionsPerAgent = 2 });
        var alice = await stage.AttachAsync(stage.Alice);
        await OpenAsync(alice, stage.Bob, Stop);
        await OpenAsync(alice, stage.Bob, Stop);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var third = OpenAsync(alice, stage.Bob, ending.Token);
        var carols = await OpenAsync(await stage.AttachAsync(carol), stage.Bob, Stop);
        var isOpen = third.IsCompletedSuccessfully;
        await ending.CancelAsync();
        await third.ContinueWith(static _ => { }, TaskScheduler.Default);

        Assert.Equal(stage.Bob.Address, carols.Remote);
        Assert.False(isOpen);
    }

    private static Task<IPeerSession> OpenAsync(AgentPeering from, EnrolledAgent to, CancellationToken cancellationToken) => from.OpenAsync(to.Address.ToString(), PeerPurpose.Transfer, cancellationToken);

    private static async Task<AgentView?> ViewAsync(AgentPeering peering, EnrolledAgent of)
    {
        using var answer = await peering.Link.CallAsync("agents.list", "{}"u8.ToArray(), Stop);
        return answer.Deserialize(ManagementJson.Answers.PageAgentView)!.Data.SingleOrDefault(agent => agent.Address == of.Address.ToString());
    }
}
