using System.Collections.Concurrent;
using Google.Protobuf;
using Parley.Hub.Backplane;
using Parley.Hub.Messaging;
using Parley.Hub.Sessions;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

/// <summary>What happens to stored envelopes between the store's read and the delivery, and to deliveries between the look for a session and its end.</summary>
public sealed class StoredDeliveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_acknowledged_while_the_store_is_read_is_not_delivered_again_and_the_rest_is_not_forgotten()
    {
        await using var hub = await HubFixture.StartAsync();
        var bob = await HoldAsync(hub, 3);
        var (router, sessions) = (hub.Get<Router>(), hub.Get<SessionDirectory>());
        var mailbox = router.MailboxOf("acme.bob");
        var listener = await AttachAsync(hub, bob, SessionRole.Listen);
        var given = await TakeAsync(listener, 3);
        await Deadline.UntilAsync(() => !mailbox.IsPumping, "the pump to rest");
        var (hasRead, isReleased, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var readNext = router.ReadNext;
        router.ReadNext = async (address, after) =>
        {
            var found = await readNext(address, after);
            hasRead.TrySetResult();
            await mayGoOn.Task;
            return found;
        };
        await using var released = await hub.Get<IBackplane>().SubscribeAsync(
            Topics.All, bytes => _ = NodeMessage.Parser.ParseFrom(bytes.Span).MailboxReleased is not null && isReleased.TrySetResult(), Stop);

        var model = await AttachAsync(hub, bob, SessionRole.Mcp);
        await hasRead.Task.WaitAsync(Deadline.Shared, Stop);
        listener.Outbox.Send(Ack(given[0]));
        await isReleased.Task.WaitAsync(Deadline.Shared, Stop);
        mayGoOn.SetResult();
        await Deadline.UntilAsync(() => !mailbox.IsPumping, "the pump to rest again");
        var next = await AfterPingAsync(listener);
        var held = mailbox.HeldCount;
        await EndAsync(model, sessions, 2);
        await EndAsync(listener, sessions, 1);
        await using var second = await AttachAsync(hub, bob, SessionRole.Listen);
        var rest = await TakeAsync(second, 2);

        Assert.Equal(Frame.BodyOneofCase.Pong, next.BodyCase);
        Assert.Equal(2, held);
        Assert.Equal(given.Skip(1).Select(delivery => delivery.Envelope.Id), rest.Select(delivery => delivery.Envelope.Id));
    }

    [Fact]
    public async Task A_caller_that_goes_does_not_have_the_store_read_from_the_front_again()
    {
        await using var hub = await HubFixture.StartAsync();
        var bob = await HoldAsync(hub, 2);
        var (router, mailbox) = (hub.Get<Router>(), hub.Get<Router>().MailboxOf("acme.bob"));
        await using var listener = await AttachAsync(hub, bob, SessionRole.Listen);
        await TakeAsync(listener, 2);
        await Deadline.UntilAsync(() => !mailbox.IsPumping, "the pump to rest");
        var caller = await AttachAsync(hub, bob, SessionRole.Caller);
        var read = new ConcurrentQueue<long>();
        var readNext = router.ReadNext;
        router.ReadNext = (address, after) =>
        {
            read.Enqueue(after);
            return readNext(address, after);
        };

        await caller.DisposeAsync();
        await Deadline.UntilAsync(() => !read.IsEmpty, "a look into the store");

        Assert.DoesNotContain(0, read);
    }

    [Fact]
    public async Task What_a_contact_sent_before_it_was_accepted_keeps_its_place_though_the_store_is_being_read()
    {
        await using var hub = await HubFixture.StartAsync();
        var stranger = await hub.ConnectSenderAsync(await hub.EnrolAsync("eve", "other"), cancellationToken: Stop);
        var bob = await hub.EnrolAsync("bob");
        var first = await stranger.SendAsync("acme.bob", TestSender.Text("0") with { Waits = false }, Stop);
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        var second = await sender.SendAsync("bob", TestSender.Text("1") with { Waits = false }, Stop);
        var router = hub.Get<Router>();
        var (hasRead, isReleased, mayGoOn) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var readNext = router.ReadNext;
        router.ReadNext = async (address, after) =>
        {
            var found = await readNext(address, after);
            hasRead.TrySetResult();
            await mayGoOn.Task;
            return found;
        };
        await using var released = await hub.Get<IBackplane>().SubscribeAsync(
            Topics.All, bytes => _ = NodeMessage.Parser.ParseFrom(bytes.Span).MailboxChanged is { Sender: "" } && isReleased.TrySetResult(), Stop);

        await using var listener = await AttachAsync(hub, bob, SessionRole.Listen);
        await hasRead.Task.WaitAsync(Deadline.Shared, Stop);
        await hub.Get<Parley.Hub.Identity.Contacts>().DecideAsync("acme", "other.eve", Parley.Hub.Identity.ContactState.Accepted, Stop);
        await isReleased.Task.WaitAsync(Deadline.Shared, Stop);
        mayGoOn.SetResult();
        var given = await TakeAsync(listener, 2);

        Assert.Equal([first.Id, second.Id], given.Select(delivery => delivery.Envelope.Id));
    }

    [Fact]
    public async Task What_could_not_be_read_is_read_again()
    {
        await using var hub = await HubFixture.StartAsync();
        hub.Log.Allow("A background step of the router failed");
        var bob = await HoldAsync(hub, 1);
        var router = hub.Get<Router>();
        var (readNext, reads) = (router.ReadNext, 0);
        router.ReadNext = (address, after) => Interlocked.Increment(ref reads) == 1 ? throw new IOException("no read") : readNext(address, after);

        await using var listener = await AttachAsync(hub, bob, SessionRole.Listen);
        var given = await TakeAsync(listener, 1);

        Assert.Single(given);
    }

    [Fact]
    public async Task A_request_that_may_have_been_handled_is_not_refused_when_the_mailbox_is_full()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.MailboxMaxCount = 1);
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var stranger = await hub.ConnectSenderAsync(await hub.EnrolAsync("eve", "other"), cancellationToken: Stop);
        await stranger.SendAsync("acme.bob", TestSender.Text("fills it") with { Waits = false }, Stop);
        await using var asking = await AttachAsync(hub, alice, SessionRole.Caller);
        var listener = await AttachAsync(hub, bob, SessionRole.Listen);
        asking.Outbox.Send(new Frame { Send = Request("q", "acme.bob", wantsReply: true) });
        await TakeAsync(listener, 1);

        await listener.DisposeAsync();
        var receipt = (await asking.ReadAsync(Frame.BodyOneofCase.Receipts, Stop).WaitAsync(Deadline.Shared, Stop)).Receipts.Items[0];

        Assert.Equal((ReceiptState.Unknown, "mailbox.full"), (receipt.State, receipt.Code));
    }

    [Fact]
    public async Task Visitors_that_came_and_went_leave_nothing_in_memory()
    {
        await using var hub = await HubFixture.StartAsync();
        var host = await hub.EnrolAsync("bob");
        await EndAsync(await AttachAsync(hub, host, SessionRole.Caller), hub.Get<SessionDirectory>(), 0);
        var before = hub.Get<Router>().Mailboxes;

        for (var number = 0; number < 20; number++)
        {
            var visitor = await hub.EnrolVisitorAsync(host, $"guest{number}");
            var link = await AttachAsync(hub, visitor, SessionRole.Caller);
            await hub.Get<Parley.Hub.Identity.AgentRegistry>().RemoveAsync(visitor.Address, Stop);
            await EndAsync(link, hub.Get<SessionDirectory>(), 0);
        }

        await Deadline.UntilAsync(() => hub.Get<Router>().Mailboxes == before, "as many mailboxes as before");
    }

    [Fact]
    public async Task A_reply_to_a_session_that_ends_at_that_moment_is_kept()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await using var asking = await AttachAsync(hub, alice, SessionRole.Caller);
        await using var answering = await AttachAsync(hub, bob, SessionRole.Listen);
        asking.Outbox.Send(new Frame { Send = Request("q", "acme.bob", wantsReply: true) });
        answering.Outbox.Send(Ack((await TakeAsync(answering, 1))[0]));
        await asking.ReadAsync(Frame.BodyOneofCase.Receipts, Stop);
        var router = hub.Get<Router>();
        var (requester, responder) = (hub.Get<SessionDirectory>().Of(alice.Address)[0], hub.Get<SessionDirectory>().Of(bob.Address)[0]);
        var mailbox = router.MailboxOf("acme.alice");
        var routing = new Thread(() =>
        {
            var batch = new Batch();
            router.Submit(responder, new Envelope { Id = "r", To = "acme.alice", Kind = EnvelopeKind.Reply, Correlation = "q" }, batch);
            batch.Flush();
        });

        lock (mailbox.Gate)
        {
            routing.Start();
            SpinWait.SpinUntil(() => routing.ThreadState.HasFlag(ThreadState.WaitSleepJoin) || !routing.IsAlive);
            requester.Close();
            router.Detached(requester);
        }

        routing.Join();
        await Deadline.UntilAsync(async () => (await hub.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Items is [{ Id: "r" }], "the reply in the mailbox");
    }

    [Fact]
    public async Task A_session_is_handed_the_replies_that_wait_as_its_acknowledgements_make_room()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.DeliveryWindowBytes = 256 << 10);
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult(new string('x', 200_000)), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop);
        var ids = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            ids.Add((await sender.SendAsync("bob", TestSender.Text("x") with { Waits = false }, Stop)).Id);
        }

        await Deadline.UntilAsync(async () => (await hub.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Total == 5, "five replies in the mailbox");

        await using var caller = await AttachAsync(hub, alice, SessionRole.Caller);
        caller.Outbox.Send(new Frame { Await = new Await { Ids = { ids, ids } } });
        var given = await TakeAsync(caller, 2);
        var next = await AfterPingAsync(caller);
        for (var number = 0; number < 3; number++)
        {
            caller.Outbox.Send(Ack(given[number]));
            given.AddRange(await TakeAsync(caller, 1));
        }

        Assert.Equal(Frame.BodyOneofCase.Pong, next.BodyCase);
        Assert.Equal(ids.Order(), given.Select(delivery => delivery.Envelope.Correlation).Order());
    }

    private static async Task<EnrolledAgent> HoldAsync(HubFixture hub, int count)
    {
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        for (var number = 0; number < count; number++)
        {
            await sender.SendAsync("bob", TestSender.Text($"{number}") with { Waits = false }, Stop);
        }

        return bob;
    }

    private static Task<RawLink> AttachAsync(HubFixture hub, EnrolledAgent agent, SessionRole role) => RawLink.AttachAsync(hub, agent, role, LinkKind.Grpc, Stop);

    private static async Task EndAsync(RawLink link, SessionDirectory sessions, int left)
    {
        await link.DisposeAsync();
        await Deadline.UntilAsync(() => sessions.Count == left, "a session to end");
    }

    private static async Task<List<Delivery>> TakeAsync(RawLink link, int count)
    {
        var taken = new List<Delivery>();
        while (taken.Count < count)
        {
            taken.Add((await link.ReadAsync(Frame.BodyOneofCase.Delivery, Stop).WaitAsync(Deadline.Shared, Stop)).Delivery);
        }

        return taken;
    }

    /// <summary>The delivery that is on its way, or the answer to a ping when none is.</summary>
    private static async Task<Frame> AfterPingAsync(RawLink link)
    {
        link.Outbox.Send(new Frame { Ping = new Ping { Number = 7 } });
        while (true)
        {
            if (await link.ReadAsync(Stop).WaitAsync(Deadline.Shared, Stop) is { BodyCase: Frame.BodyOneofCase.Pong or Frame.BodyOneofCase.Delivery } frame)
            {
                return frame;
            }
        }
    }

    private static Frame Ack(Delivery delivery) => new() { Ack = new Ack { Numbers = { delivery.Number } } };

    private static Envelope Request(string id, string target, bool wantsReply) =>
        new() { Id = id, To = target, Kind = EnvelopeKind.Request, Type = MessageType.Text, WantsReply = wantsReply, Body = new Message { Content = ByteString.CopyFromUtf8("x") }.ToByteString() };
}
