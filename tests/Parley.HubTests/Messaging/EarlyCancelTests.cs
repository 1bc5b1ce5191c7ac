using Parley.Client.Journal;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Messaging;

public sealed class EarlyCancelTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancel_that_overtakes_its_request_stops_it_before_it_runs()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, bob) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("bob"));
        var journal = new HeldJournal(new MemoryJournal(TimeProvider.System));
        var runs = 0;
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult($"run {Interlocked.Increment(ref runs)}"), new ListenSetup { Journal = journal }, Stop);
        await using var asking = await RawLink.AttachAsync(hub, alice, SessionRole.Caller, LinkKind.Grpc, Stop);

        asking.Outbox.Append(Request("q"));
        asking.Outbox.Append(new Frame { Send = new Envelope { Id = "c", To = "acme.bob", Kind = EnvelopeKind.Cancel, Correlation = "q" } });
        asking.Outbox.Send(Request("next"));
        await Deadline.UntilAsync(() => journal.Waiting == 2, "both requests on their way into the journal");
        journal.Go();
        var replies = new Dictionary<string, Reply>();
        while (replies.Count < 2)
        {
            var envelope = (await asking.ReadAsync(Frame.BodyOneofCase.Delivery, Stop).WaitAsync(Deadline.Shared, Stop)).Delivery.Envelope;
            replies[envelope.Correlation] = Reply.Parser.ParseFrom(envelope.Body);
        }

        Assert.Equal((ReplyState.Canceled, ReplyState.Completed), (replies["q"].State, replies["next"].State));
        Assert.Equal(1, runs);
    }

    private static Frame Request(string id) =>
        new() { Send = new Envelope { Id = id, To = "acme.bob", Kind = EnvelopeKind.Request, Type = MessageType.Auto, WantsReply = true } };

    /// <summary>A journal whose disk is slow until the test says so.</summary>
    private sealed class HeldJournal(IJournal inner) : IJournal
    {
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _waiting;

        public int Waiting => Volatile.Read(ref _waiting);

        public void Go() => _go.SetResult();

        public async Task<JournalEntry> ReceiveAsync(Envelope envelope, bool isStarted, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _waiting);
            await _go.Task;
            return await inner.ReceiveAsync(envelope, isStarted, cancellationToken);
        }

        public Task StartAsync(JournalKey key, CancellationToken cancellationToken) => inner.StartAsync(key, cancellationToken);

        public Task AnswerAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken) => inner.AnswerAsync(key, reply, cancellationToken);

        public Task FinishAsync(JournalKey key, CancellationToken cancellationToken) => inner.FinishAsync(key, cancellationToken);

        public Task<IReadOnlyList<JournalEntry>> LoadUnfinishedAsync(CancellationToken cancellationToken) => inner.LoadUnfinishedAsync(cancellationToken);

        public Task<JournalEntry?> FindAsync(string id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

        public Task<int> PruneAsync(CancellationToken cancellationToken) => inner.PruneAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
