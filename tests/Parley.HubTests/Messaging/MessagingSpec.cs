using Microsoft.Extensions.Logging;
using Parley.Client.Messaging;
using Parley.Client.Responders;
using Parley.Hub;
using Parley.Hub.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

/// <summary>What agents may rely on when they send each other messages, whatever carries the links and however many nodes the hub has.</summary>
public abstract partial class MessagingSpec : IAsyncLifetime
{
    private HubPair _hubs = null!;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected abstract LinkKind Kind { get; }

    /// <summary>The node of senders.</summary>
    private HubFixture Near => _hubs.Near;

    /// <summary>The node of listeners; the same where the hub has one.</summary>
    private HubFixture Far => _hubs.Far;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => _hubs = await OpenAsync(_ => { });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _hubs.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_request_gets_its_reply()
    {
        var (sender, agent) = await ArrangeAsync();
        await ListenAsync(agent, Echo);

        var result = await sender.AskAsync("bob", "hello", Stop);

        Assert.Equal("echo hello", TestSender.TextOf(result));
        Assert.Equal("acme.bob", result.Target);
        Assert.Equal(SendStatus.Answered, result.Status);
        Assert.Contains(result.Receipts, receipt => receipt.State == ReceiptState.Delivered);
    }

    [Fact]
    public async Task Parts_arrive_before_the_reply()
    {
        var (sender, agent) = await ArrangeAsync();
        var observer = new PartObserver();
        await ListenAsync(agent, new DelegateResponder((_, _) => CountAsync(observer)));

        var result = await sender.Sender.SendAsync("bob", TestSender.Text("count"), observer, Stop);

        Assert.Equal("onetwo", TestSender.TextOf(result));
        Assert.Equal("onetwo", observer.Text);
    }

    [Fact]
    public async Task A_message_to_an_agent_that_is_offline_is_held_and_its_reply_can_be_fetched()
    {
        var (sender, agent) = await ArrangeAsync();

        var held = await sender.SendAsync("bob", TestSender.Text("later") with { Waits = false }, Stop);
        var waiting = sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);
        await ListenAsync(agent, Echo);
        var result = await waiting;

        Assert.Equal(SendStatus.Held, held.Status);
        Assert.Equal("echo later", TestSender.TextOf(result));
        Assert.Contains(result.Receipts, receipt => receipt.State == ReceiptState.Delivered);
    }

    [Theory]
    [InlineData(MessageType.Auto, 1ul, "message.expired")]
    [InlineData(MessageType.Auto, 0ul, "")]
    [InlineData(MessageType.Command, 1ul, "message.expired")]
    public async Task What_a_shell_would_run_is_not_run_after_its_sender_stopped_waiting(MessageType type, ulong timeoutMs, string error)
    {
        var (sender, agent) = await ArrangeAsync();
        var request = TestSender.Text("rm") with { Type = type, Waits = false };
        request.Message.TimeoutMs = timeoutMs;
        var held = await sender.SendAsync("bob", request, Stop);
        var runs = 0;
        var shell = DelegateResponder.OfText((_, _) => Task.FromResult($"{Interlocked.Increment(ref runs)}"), ResponderTraits.Shell);

        await ListenAsync(agent, shell);
        var result = await sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);

        Assert.Equal((error, error.Length == 0 ? 1 : 0), (result.Reply!.ErrorCode, runs));
    }

    [Fact]
    public async Task A_reply_that_came_while_nobody_waited_is_kept()
    {
        var (sender, agent) = await ArrangeAsync();
        var handled = new TaskCompletionSource();
        var listener = await ListenAsync(agent, Echo);
        listener.Listener.OnHandled = () => handled.TrySetResult();

        var sent = await sender.SendAsync("bob", TestSender.Text("kept") with { Waits = false }, Stop);
        await sender.DisposeAsync();
        await handled.Task.WaitAsync(Deadline.Shared, Stop);
        var later = await Near.ConnectSenderAsync(Alice, Kind, Stop);
        var result = await later.Sender.WaitForAsync(sent.Id, Deadline.Shared, null, Stop);

        Assert.Equal("echo kept", TestSender.TextOf(result));
    }

    [Fact]
    public async Task A_reply_is_kept_for_longer_than_its_request_was_to_live()
    {
        var (sender, bob) = await ArrangeAsync();
        await ListenAsync(bob, Echo);
        var sent = await sender.SendAsync("bob", TestSender.Text("late") with { Waits = false, TimeToLive = TimeSpan.FromSeconds(30) }, Stop);
        await sender.DisposeAsync();

        IReadOnlyList<MailboxItem> kept = [];
        await Deadline.UntilAsync(async () => (kept = (await Near.Get<MailboxStore>().ListAsync("acme.alice", 10, 0)).Items).Count == 1, "the reply in the mailbox");
        var later = await Near.ConnectSenderAsync(Alice, Kind, Stop);
        var result = await later.Sender.WaitForAsync(sent.Id, Deadline.Shared, null, Stop);

        Assert.Equal(TimeSpan.FromHours(24), TimeSpan.FromMilliseconds(kept[0].ExpiresAtMs - kept[0].AcceptedAtMs));
        Assert.Equal("echo late", TestSender.TextOf(result));
    }

    [Fact]
    public async Task An_online_only_message_fails_at_once_when_nobody_listens()
    {
        var (sender, _) = await ArrangeAsync();

        var result = await sender.SendAsync("bob", TestSender.Text("now") with { IsOnlineOnly = true }, Stop);

        Assert.Equal(SendStatus.Refused, result.Status);
        Assert.Equal(ErrorCode.AgentOffline, result.Error!.Code);
    }

    [Fact]
    public async Task A_message_that_nobody_takes_in_time_expires_and_its_sender_is_told()
    {
        var (sender, _) = await ArrangeAsync();

        var result = await sender.SendAsync("bob", TestSender.Text("short") with { TimeToLive = TimeSpan.FromMilliseconds(300) }, Stop);

        Assert.Equal(SendStatus.Expired, result.Status);
        Assert.Equal(ErrorCode.MessageExpired, result.Error!.Code);
    }

    [Fact]
    public async Task An_unknown_target_is_refused()
    {
        var (sender, _) = await ArrangeAsync();

        var result = await sender.AskAsync("nobody", "hello", Stop);

        Assert.Equal(SendStatus.Refused, result.Status);
        Assert.Equal(ErrorCode.AgentUnknown, result.Error!.Code);
    }

    [Fact]
    public async Task A_command_is_refused_by_a_listener_that_runs_none()
    {
        var (sender, agent) = await ArrangeAsync();
        await ListenAsync(agent, (IResponder?)null);

        var result = await sender.SendAsync("bob", TestSender.Text("rm") with { Type = MessageType.Command }, Stop);

        Assert.Equal("responder.missing", result.Reply!.ErrorCode);
    }

    [Fact]
    public async Task A_text_without_a_responder_is_shown_and_the_sender_is_told()
    {
        var (sender, agent) = await ArrangeAsync();
        var listener = await ListenAsync(agent, (IResponder?)null);

        var result = await sender.AskAsync("bob", "look", Stop);

        Assert.Equal(SendStatus.Read, result.Status);
        Assert.Equal(["look"], listener.Desk.Shown);
    }

    [Fact]
    public async Task An_id_that_is_sent_twice_is_handled_once()
    {
        var (sender, agent) = await ArrangeAsync();
        var runs = 0;
        await ListenAsync(agent, DelegateResponder.OfText((_, _) => Task.FromResult($"run {Interlocked.Increment(ref runs)}")));
        var first = await sender.AskAsync("bob", "once", Stop);
        var again = EnvelopeFactory.Request(TestSender.Text("once"), "bob", Parley.Protocol.Messaging.EnvelopeId.Parse(first.Id));

        var receipt = await sender.Link.SendAsync(again, Stop);
        var after = await sender.AskAsync("bob", "next", Stop);

        Assert.Equal(first.Id, receipt.Id);
        Assert.Equal("run 2", TestSender.TextOf(after));
    }

    [Fact]
    public async Task Cancelling_reaches_the_responder()
    {
        var (sender, agent) = await ArrangeAsync();
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await ListenAsync(agent, DelegateResponder.OfText(async (_, cancellationToken) =>
        {
            started.TrySetResult();
            await using var registration = cancellationToken.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return "never";
        }));
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        var sending = sender.AskAsync("bob", "work", cancellation.Token);
        await started.Task.WaitAsync(Deadline.Shared, Stop);
        await cancellation.CancelAsync();
        await cancelled.Task.WaitAsync(Deadline.Shared, Stop);
        var result = await sending;

        Assert.Equal(ReplyState.Canceled, result.Reply!.State);
    }

    [Fact]
    public async Task Messages_of_one_thread_keep_their_order_while_the_listener_comes_and_goes()
    {
        const int Count = 200;
        var (sender, agent) = await ArrangeAsync();
        var seen = new List<int>();
        await using var journal = Parley.Client.Journal.SqliteJournal.Open(
            agent.Home.PathOf("journal.db"), Parley.Sqlite.Durability.Normal, TimeProvider.System, Near.Log.Factory.CreateLogger("journal"));
        var responder = DelegateResponder.OfText((request, _) =>
        {
            lock (seen)
            {
                seen.Add(int.Parse(DelegateResponder.TextOf(request)));
            }

            return Task.FromResult("ok");
        });

        var sending = Task.Run(
            async () =>
            {
                for (var number = 0; number < Count; number++)
                {
                    await sender.SendAsync("bob", TestSender.Text($"{number}") with { Waits = false, Thread = "t" }, Stop);
                }
            },
            Stop);
        for (var round = 0; round < 5; round++)
        {
            var listener = await ListenAsync(agent, responder, new ListenSetup { Journal = journal });
            var before = CountOf(seen);
            await Deadline.UntilAsync(() => CountOf(seen) >= Math.Min(before + 15, Count), "some messages");
            await listener.DisposeAsync();
        }

        await sending;
        await using var last = await ListenAsync(agent, responder, new ListenSetup { Journal = journal });
        await Deadline.UntilAsync(() => CountOf(seen) >= Count, "all messages");
        await last.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, Count), seen);
    }

    private protected abstract Task<HubPair> OpenAsync(Action<HubOptions> configure, TimeProvider? time = null);

    private protected static Task<string> Echo(ResponderRequest request, CancellationToken cancellationToken) =>
        Task.FromResult("echo " + DelegateResponder.TextOf(request));

    private EnrolledAgent Alice { get; set; } = null!;

    private async Task<(TestSender Sender, EnrolledAgent Agent)> ArrangeAsync()
    {
        Alice = await Near.EnrolAsync("alice");
        var bob = await _hubs.EnrolAsync("bob");
        return (await Near.ConnectSenderAsync(Alice, Kind, Stop), bob);
    }

    private Task<TestListener> ListenAsync(EnrolledAgent agent, Func<ResponderRequest, CancellationToken, Task<string>> answer, ListenSetup? setup = null) =>
        ListenAsync(agent, DelegateResponder.OfText(answer), setup);

    private Task<TestListener> ListenAsync(EnrolledAgent agent, IResponder? responder, ListenSetup? setup = null) =>
        Far.ConnectListenerAsync(agent, responder, (setup ?? new ListenSetup()) with { Kind = Kind }, Stop);

    private static int CountOf(List<int> seen)
    {
        lock (seen)
        {
            return seen.Count;
        }
    }

    private static async IAsyncEnumerable<ResponderEvent> CountAsync(PartObserver observer)
    {
        yield return new ResponderEvent.Text("one", IsDelta: true);
        await observer.Seen.Task.WaitAsync(Deadline.Shared, Stop);
        yield return new ResponderEvent.Text("two", IsDelta: true);
    }

    private sealed class PartObserver : ISendObserver
    {
        private string _text = string.Empty;

        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text => _text;

        public void OnPart(string target, Part part)
        {
            _text += part.Data.ToStringUtf8();
            Seen.TrySetResult();
        }

        public void OnReceipt(string target, Receipt receipt)
        {
        }
    }
}
