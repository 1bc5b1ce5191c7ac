using Parley.Hub.Identity;
using Parley.Hub.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

/// <summary>Replies to requests that the hub does not remember: late answers come, and nobody's mailbox is filled with others.</summary>
public sealed class UnaskedReplyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task Who_accepts_another_may_not_answer_it_unasked_for_that(bool isBlocked, bool isResent)
    {
        await using var hub = await HubFixture.StartAsync();
        var (victim, other) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("eve", "evil"));
        await DecideAsync(hub, "evil", "acme.*", ContactState.Accepted);
        if (isBlocked)
        {
            await DecideAsync(hub, "acme", "evil.*", ContactState.Blocked);
        }

        await using var link = await RawLink.AttachAsync(hub, other, SessionRole.Caller, LinkKind.Grpc, Stop);
        link.Outbox.Send(ReplyTo(victim.Address.ToString(), "r", isResent));
        var receipt = await ReceiptAsync(link);

        Assert.Equal((ReceiptState.Refused, "permission_denied"), (receipt.State, receipt.Code));
        Assert.Equal(0, (await hub.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Total);
    }

    [Fact]
    public async Task Replies_to_names_that_nobody_has_leave_nothing_in_memory()
    {
        await using var hub = await HubFixture.StartAsync();
        var other = await hub.EnrolAsync("eve", "evil");
        await DecideAsync(hub, "evil", "acme.*", ContactState.Accepted);
        await using var link = await RawLink.AttachAsync(hub, other, SessionRole.Caller, LinkKind.Grpc, Stop);
        link.Outbox.Send(ReplyTo("acme.nobody", "r"));
        await ReceiptAsync(link);
        var before = hub.Get<Router>().Mailboxes;

        for (var number = 0; number < 10_000; number++)
        {
            link.Outbox.Append(ReplyTo($"acme.nobody{number}", $"r{number}", isResent: number % 2 == 0));
        }

        link.Outbox.Send(new Frame { Ping = new Ping() });
        await link.ReadAsync(Frame.BodyOneofCase.Pong, Stop).WaitAsync(Deadline.Shared, Stop);

        Assert.Equal(before, hub.Get<Router>().Mailboxes);
    }

    [Fact]
    public async Task Replies_that_the_hub_remembers_no_request_of_have_a_rate()
    {
        await using var hub = await HubFixture.StartAsync(options => (options.Messaging.PairBurst, options.Messaging.PairRatePerSecond) = (3, 1));
        var (_, other) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        await using var link = await RawLink.AttachAsync(hub, other, SessionRole.Caller, LinkKind.Grpc, Stop);

        var codes = new List<string>();
        for (var number = 0; number < 5; number++)
        {
            link.Outbox.Send(ReplyTo("acme.alice", $"r{number}"));
            codes.Add((await ReceiptAsync(link, $"r{number}")).Code);
        }

        Assert.Equal(["", "", ""], codes.Take(3));
        Assert.Contains("message.pair_rate", codes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_comes_after_the_hub_was_restarted_is_kept_for_whoever_asked(bool isResent)
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, other) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("eve", "evil"));
        await DecideAsync(hub, "evil", "acme.*", ContactState.Accepted);
        await using (var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop))
        {
            await sender.SendAsync("evil.eve", TestSender.Text("late?") with { Waits = false }, Stop);
        }

        string request;
        await using (var listening = await RawLink.AttachAsync(hub, other, SessionRole.Listen, LinkKind.Grpc, Stop))
        {
            var delivery = (await listening.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;
            request = delivery.Envelope.Id;
            listening.Outbox.Send(new Frame { Ack = new Ack { Numbers = { delivery.Number } } });
            await Deadline.UntilAsync(async () => (await hub.Get<MailboxStore>().ListAsync("evil.eve", 10, 0)).Total == 0, "the acknowledgement");
        }

        await hub.StopAsync();
        await hub.StartAgainAsync();
        await using var link = await RawLink.AttachAsync(hub, other, SessionRole.Caller, LinkKind.Grpc, Stop);
        var reply = ReplyTo("acme.alice", "r", isResent);
        reply.Send.Correlation = request;
        link.Outbox.Send(reply);
        var receipt = await ReceiptAsync(link);

        Assert.Equal(ReceiptState.Accepted, receipt.State);
        Assert.Equal("r", Assert.Single((await hub.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Items).Id);
    }

    [Fact]
    public async Task An_answer_that_is_ready_only_when_the_hub_was_restarted_is_kept_for_whoever_asked()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, other) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("eve", "evil"));
        await DecideAsync(hub, "evil", "acme.*", ContactState.Accepted);
        var (began, mayEnd, isBack) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        var listener = await hub.ConnectListenerAsync(
            other,
            async (_, token) =>
            {
                began.TrySetResult();
                await mayEnd.Task.WaitAsync(token);
                return "done";
            },
            cancellationToken: Stop);
        await using (var sender = await hub.ConnectSenderAsync(alice, cancellationToken: Stop))
        {
            await sender.SendAsync("evil.eve", TestSender.Text("long") with { Waits = false }, Stop);
            await began.Task.WaitAsync(Deadline.Shared, Stop);
        }

        await hub.StopAsync();
        listener.Listener.OnLinkChange = (_, isConnected) => (isConnected ? isBack : new TaskCompletionSource()).TrySetResult();
        await hub.StartAgainAsync();
        await isBack.Task.WaitAsync(Deadline.Shared, Stop);
        mayEnd.SetResult();

        await Deadline.UntilAsync(async () => (await hub.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Total == 1, "the answer in the mailbox");
    }

    [Fact]
    public async Task An_answer_comes_to_the_session_that_waits_for_it_though_the_hub_forgot_the_request()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, other) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("eve", "evil"));
        await DecideAsync(hub, "evil", "acme.*", ContactState.Accepted);
        await using var waiting = await RawLink.AttachAsync(hub, alice, SessionRole.Caller, LinkKind.Grpc, Stop);
        waiting.Outbox.Send(new Frame { Await = new Await { Ids = { "q" } } });
        waiting.Outbox.Send(new Frame { Ping = new Ping() });
        await waiting.ReadAsync(Frame.BodyOneofCase.Pong, Stop);
        await using var link = await RawLink.AttachAsync(hub, other, SessionRole.Caller, LinkKind.Grpc, Stop);

        link.Outbox.Send(ReplyTo("acme.alice", "r"));
        var delivery = (await waiting.ReadAsync(Frame.BodyOneofCase.Delivery, Stop).WaitAsync(Deadline.Shared, Stop)).Delivery;

        Assert.Equal(("r", "q"), (delivery.Envelope.Id, delivery.Envelope.Correlation));
    }

    private static Task<Contact> DecideAsync(HubFixture hub, string owner, string sender, ContactState state) => hub.Get<Contacts>().DecideAsync(owner, sender, state, Stop);

    private static Frame ReplyTo(string target, string id, bool isResent = false) =>
        new() { Send = new Envelope { Id = id, To = target, Kind = EnvelopeKind.Reply, Correlation = "q", Resend = isResent } };

    private static async Task<Receipt> ReceiptAsync(RawLink link, string id = "r")
    {
        while (true)
        {
            var frame = await link.ReadAsync(Frame.BodyOneofCase.Receipts, Stop).WaitAsync(Deadline.Shared, Stop);
            if (frame.Receipts.Items.FirstOrDefault(receipt => receipt.Id == id) is { } found)
            {
                return found;
            }
        }
    }
}
