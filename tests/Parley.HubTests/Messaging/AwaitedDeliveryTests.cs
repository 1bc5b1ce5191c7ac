using Google.Protobuf;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

/// <summary>What a session waits for comes to it, though another had it in hand, the store failed, or there is much of it.</summary>
public sealed class AwaitedDeliveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_that_another_session_had_in_hand_and_left_comes_to_the_one_that_waits()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("the answer"), cancellationToken: Stop);
        var id = await AskWithoutWaitingAsync(hub, alice);
        await Deadline.UntilAsync(async () => (await hub.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Total == 1, "the answer in the mailbox");
        var first = await AttachAsync(hub, alice, SessionRole.Caller);
        first.Outbox.Send(Awaiting(id));
        await first.ReadAsync(Frame.BodyOneofCase.Delivery, Stop);

        await using var second = await AttachAsync(hub, alice, SessionRole.Caller);
        second.Outbox.Send(Awaiting(id));
        second.Outbox.Send(new Frame { Ping = new Ping { Number = 1 } });
        await second.ReadAsync(Frame.BodyOneofCase.Pong, Stop);
        await Deadline.UntilAsync(() => hub.Get<SessionDirectory>().Of(alice.Address).ToArray().Any(session => session.Wanted is { Count: 0, IsServed: false }), "the look into the store");
        await first.DisposeAsync();
        var delivery = (await second.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;

        Assert.Equal(id, delivery.Envelope.Correlation);
    }

    [Fact]
    public async Task A_chat_that_is_opened_gets_all_that_waits_however_many_pages_that_is()
    {
        const int Count = 600;
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.PairRatePerSecond = 0);
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await using var sender = await AttachAsync(hub, alice, SessionRole.Caller);
        for (var number = 0; number < Count; number++)
        {
            sender.Outbox.Append(new Frame { Send = Request($"m{number}", "chat-one") });
        }

        await sender.Outbox.FlushAsync();
        await Deadline.UntilAsync(async () => (await hub.Get<MailboxStore>().ListAsync("acme.bob", 1, 0)).Total == Count, "all of them in the mailbox");

        await using var chat = await AttachAsync(hub, bob, SessionRole.Chat);
        chat.Outbox.Send(Awaiting("chat-one"));
        var ids = new List<string>();
        while (ids.Count < Count)
        {
            ids.Add((await chat.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery.Envelope.Id);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"m{number}"), ids);
    }

    [Fact]
    public async Task A_session_is_given_nothing_before_its_welcome()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);
        var sessions = hub.Get<SessionService>();
        var (isAttached, mayGoOn, before) = (new TaskCompletionSource(), new TaskCompletionSource(), sessions.OnListening);
        sessions.OnListening = async (ticket, token) =>
        {
            isAttached.SetResult();
            await mayGoOn.Task;
            await before(ticket, token);
        };

        var attaching = AttachAsync(hub, bob, SessionRole.Listen);
        await isAttached.Task.WaitAsync(Deadline.Shared, Stop);
        var sent = await sender.SendAsync("bob", TestSender.Text("x") with { Waits = false }, Stop);
        mayGoOn.SetResult();
        await using var listener = await attaching;
        var delivery = (await listener.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;

        Assert.Equal(sent.Id, delivery.Envelope.Id);
    }

    [Fact]
    public async Task A_refusal_reaches_whoever_came_back_to_wait()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var id = await AskWithoutWaitingAsync(hub, alice);
        await using var waiting = await AttachAsync(hub, alice, SessionRole.Caller);
        waiting.Outbox.Send(Awaiting(id));
        await using var listener = await AttachAsync(hub, bob, SessionRole.Listen);
        var delivery = (await listener.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;

        listener.Outbox.Send(new Frame { Refusal = new Refusal { Number = delivery.Number, Code = "agent.paused", Message = "not now" } });
        var told = (await waiting.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts.Items.Single();

        Assert.Equal((id, ReceiptState.Refused), (told.Id, told.State));
    }

    [Fact]
    public async Task What_is_sent_again_while_the_store_cannot_be_read_goes_on_when_it_can()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var (router, failures) = (hub.Get<Router>(), 2);
        var read = router.ReadReceipts;
        router.ReadReceipts = (sender, id) => Interlocked.Decrement(ref failures) >= 0 ? throw new StoreUnavailableException("no read") : read(sender, id);
        await using var sender = await AttachAsync(hub, alice, SessionRole.Caller);

        sender.Outbox.Send(new Frame { Send = new Envelope(Request("again", string.Empty)) { Resend = true } });
        var told = (await sender.ReadAsync(Frame.BodyOneofCase.Receipts, Stop)).Receipts.Items[0];

        Assert.Equal(("again", ReceiptState.Accepted), (told.Id, told.State));
        Assert.True(failures < 0);
        Assert.Equal(1, (await hub.Get<MailboxStore>().ListAsync(bob.Address.ToString(), 10, 0)).Total);
    }

    /// <summary>Asks bob something on a link that is gone before the answer comes.</summary>
    private static async Task<string> AskWithoutWaitingAsync(HubFixture hub, EnrolledAgent asker)
    {
        var sender = await hub.ConnectSenderAsync(asker, cancellationToken: Stop);
        var id = (await sender.SendAsync("bob", TestSender.Text("x") with { Waits = false }, Stop)).Id;
        await sender.DisposeAsync();
        return id;
    }

    private static Task<RawLink> AttachAsync(HubFixture hub, EnrolledAgent agent, SessionRole role) => RawLink.AttachAsync(hub, agent, role, LinkKind.Grpc, Stop);

    private static Frame Awaiting(string id) => new() { Await = new Await { Ids = { id } } };

    private static Envelope Request(string id, string thread) => new()
    {
        Id = id, To = "bob", Kind = EnvelopeKind.Request, Type = MessageType.Text, Thread = thread, Body = new Message { Content = ByteString.CopyFromUtf8("x") }.ToByteString(),
    };
}
