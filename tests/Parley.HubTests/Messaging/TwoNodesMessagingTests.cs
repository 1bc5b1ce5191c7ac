using Parley.Hub;
using Parley.Hub.Identity;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

/// <summary>Messages between two nodes of one hub.</summary>
public sealed class TwoNodesMessagingTests : MessagingSpec
{
    [Fact]
    public async Task Whom_an_owner_takes_messages_of_is_known_on_every_node()
    {
        await using var nodes = await HubPair.OfTwoAsync(_ => { });
        var (eve, bob) = (await nodes.EnrolAsync("eve", "other"), await nodes.EnrolAsync("bob"));
        var contacts = nodes.Far.Get<Contacts>();
        await nodes.Far.ConnectListenerAsync(bob, (request, _) => Task.FromResult("echo " + DelegateResponder.TextOf(request)), cancellationToken: Stop);
        var sender = await nodes.Near.ConnectSenderAsync(eve, cancellationToken: Stop);

        var asking = sender.AskAsync("acme.bob", "hello", Stop);
        await Deadline.UntilAsync(() => contacts.ListOf("acme") is [{ State: ContactState.Pending, Sender: "other.eve" }], "the other node's list to show who waits");
        await contacts.DecideAsync("acme", "other.eve", ContactState.Accepted, Stop);
        var answer = await asking.WaitAsync(Deadline.Shared, Stop);

        Assert.Equal("echo hello", TestSender.TextOf(answer));
        await Deadline.UntilAsync(() => nodes.Near.Get<Contacts>().Check(eve.Address, bob.Address) == ContactState.Accepted, "the first node to know the decision");
    }

    private protected override LinkKind Kind => LinkKind.Grpc;

    private protected override Task<HubPair> OpenAsync(Action<HubOptions> configure, TimeProvider? time = null) => HubPair.OfTwoAsync(configure, time);
}
