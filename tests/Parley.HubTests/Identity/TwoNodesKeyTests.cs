using Parley.Hub.Identity;
using Parley.HubTests.Messaging;
using Parley.Testing;

namespace Parley.HubTests.Identity;

/// <summary>API keys of two nodes that share a store.</summary>
public sealed class TwoNodesKeyTests
{
    [Fact]
    public async Task A_key_that_one_node_makes_and_revokes_is_good_and_bad_on_the_other()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var hubs = await HubPair.OfTwoAsync(_ => { });
        var (here, there) = (hubs.Near.Get<ApiKeys>(), hubs.Far.Get<ApiKeys>());

        var (key, secret) = await here.CreateAsync("acme", ApiScopes.Messages, null, "test", stop);
        await Deadline.UntilAsync(() => there.Find(secret) is not null, "the other node to take the key");
        var stream = there.EndOf(there.Find(secret)!);
        await here.RevokeAsync(key.Id, stop);

        await Deadline.UntilAsync(() => stream.IsCancellationRequested, "the other node to end what the key began");
        Assert.Null(there.Find(secret));
        Assert.NotNull(Assert.Single(there.List(), other => other.Id == key.Id).RevokedAt);
    }
}
