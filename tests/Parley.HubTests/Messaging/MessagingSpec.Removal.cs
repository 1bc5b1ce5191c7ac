using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Hub.Identity;
using Parley.Hub.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

public abstract partial class MessagingSpec
{
    [Fact]
    public async Task What_waits_for_an_agent_that_is_removed_is_not_for_the_next_of_its_name()
    {
        var (sender, bob) = await ArrangeAsync();
        var seen = new List<string>();
        var held = await sender.SendAsync("bob", TestSender.Text("secret") with { Waits = false }, Stop);
        var waiting = sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);

        await RemoveAsync(bob);
        var result = await waiting;
        await ListenAsync(await _hubs.EnrolAsync("bob"), (request, _) => NoteAsync(seen, request));
        await sender.AskAsync("bob", "hello", Stop);
        await Deadline.UntilAsync(() => HeldOf(Near) == 0 && HeldOf(Far) == 0, "an empty mailbox");

        Assert.Equal((SendStatus.Refused, ErrorCode.AgentUnknown), (result.Status, result.Error!.Code));
        Assert.Equal(["hello"], seen);
    }

    [Fact]
    public async Task What_an_agent_did_not_acknowledge_before_it_was_removed_is_not_for_the_next_of_its_name()
    {
        var (sender, bob) = await ArrangeAsync();
        await using var link = await RawLink.AttachAsync(Far, bob, SessionRole.Listen, Kind, Stop);
        var sending = sender.SendAsync("bob", TestSender.Text("secret") with { Waits = false }, Stop);
        await link.ReadAsync(Frame.BodyOneofCase.Delivery, Stop);

        await RemoveAsync(bob);
        var result = await sending;

        Assert.Equal((SendStatus.Refused, ErrorCode.AgentUnknown), (result.Status, result.Error?.Code));
        Assert.Equal(0, (await Near.Get<MailboxStore>().ListAsync("acme.bob", 10, 0)).Total);
    }

    [Fact]
    public async Task A_message_whose_sender_was_removed_since_is_not_delivered()
    {
        var (sender, bob) = await ArrangeAsync();
        var seen = new List<string>();
        var held = await sender.SendAsync("bob", TestSender.Text("run") with { Waits = false }, Stop);

        await RemoveAsync(Alice);
        await ListenAsync(bob, (request, _) => NoteAsync(seen, request));
        var news = await LastOfAsync("acme.alice", held.Id);

        Assert.Equal((ReceiptState.Refused, "agent.revoked"), (news.State, news.Code));
        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_message_of_a_removed_sender_is_not_delivered_as_one_of_the_next_of_its_name()
    {
        var (sender, bob) = await ArrangeAsync();
        var seen = new List<string>();
        await sender.SendAsync("bob", TestSender.Text("run") with { Waits = false }, Stop);

        await RemoveAsync(Alice);
        var next = await Near.ConnectSenderAsync(await _hubs.EnrolAsync("alice"), Kind, Stop);
        await next.SendAsync("bob", TestSender.Text("hello") with { Waits = false }, Stop);
        await ListenAsync(bob, (request, _) => NoteAsync(seen, request));
        await Deadline.UntilAsync(() => HeldOf(Near) == 0 && HeldOf(Far) == 0, "an empty mailbox");

        Assert.Equal(["hello"], seen);
    }

    [Fact]
    public async Task A_message_whose_sender_was_blocked_since_is_not_delivered()
    {
        var (_, bob) = await ArrangeAsync();
        var eve = await _hubs.EnrolAsync("eve", "other");
        var seen = new List<string>();
        await DecideAsync(eve, ContactState.Accepted);
        var sender = await Near.ConnectSenderAsync(eve, Kind, Stop);
        var held = await sender.SendAsync("acme.bob", TestSender.Text("run") with { Waits = false }, Stop);

        await DecideAsync(eve, ContactState.Blocked);
        await ListenAsync(bob, (request, _) => NoteAsync(seen, request));
        var news = await LastOfAsync("other.eve", held.Id);

        Assert.Equal((ReceiptState.Refused, "contact.blocked"), (news.State, news.Code));
        Assert.Empty(seen);
    }

    private async Task RemoveAsync(EnrolledAgent agent)
    {
        await Near.Get<AgentRegistry>().RemoveAsync(agent.Address, Stop);
        await Deadline.UntilAsync(() => Far.Get<AgentRegistry>().Find(agent.Address) is null, "the other node to know that the agent is gone");
    }

    private async Task DecideAsync(EnrolledAgent stranger, ContactState state)
    {
        await Near.Get<Contacts>().DecideAsync("acme", stranger.Address.ToString(), state, Stop);
        await Deadline.UntilAsync(() => Far.Get<Contacts>().ListOf("acme") is [var one] && one.State == state, "the other node to know the decision");
    }

    /// <summary>The last news of a message when it has left the mailbox, from the store, since its sender may be gone.</summary>
    private async Task<Receipt> LastOfAsync(string sender, string id)
    {
        var store = Near.Get<MailboxStore>();
        await Deadline.UntilAsync(async () => (await store.ListAsync("acme.bob", 10, 0)).Total == 0, "the message to leave the mailbox");
        return (await store.ReceiptsAsync(sender, id))[^1];
    }

    private static int HeldOf(HubFixture node) => node.Get<Router>().MailboxOf("acme.bob").HeldCount;

    private static Task<string> NoteAsync(List<string> seen, ResponderRequest request)
    {
        lock (seen)
        {
            seen.Add(DelegateResponder.TextOf(request));
        }

        return Task.FromResult("noted");
    }
}
