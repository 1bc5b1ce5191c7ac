using Parley.Gateway.A2a;
using Parley.Hub.AgentApi;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing.Tasks;

namespace Parley.HubTests.AgentApi.Tasks;

public sealed class TaskQuotaTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_an_agent_has_follows_its_name()
    {
        await using var kit = await TaskKit.StartAsync(options => options.Tasks.MaxPerOwner = 1);
        await kit.EchoAsync();
        var alice = await kit.Hub.EnrolAsync("alice");
        await kit.SendAsync(kit.Message("one"), CallOf(alice.Address));
        await kit.Hub.Get<AgentRegistry>().RenameAsync(alice.Address, "alicia", Stop);
        var another = await kit.Hub.EnrolAsync("carol");

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => kit.SendAsync(kit.Message("two"), CallOf(new AgentAddress("acme", "alicia"))));
        await kit.Hub.Get<AgentRegistry>().RenameAsync(another.Address, "alice", Stop);
        await kit.SendAsync(kit.Message("three"), CallOf(alice.Address));

        Assert.Equal(ErrorCode.RateLimited, refusal.Code);
    }

    private static ApiCall CallOf(AgentAddress agent) => new(Principal.Of(agent), A2aVersion.V1);
}
