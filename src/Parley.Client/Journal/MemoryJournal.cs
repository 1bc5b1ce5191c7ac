using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Journal;

/// <summary>A journal that lasts as long as its process: a repeated delivery is still handled once, a crash forgets everything.</summary>
/// <param name="time">Clock, for what expires.</param>
/// <param name="maxDone">Finished messages that are remembered at most; the oldest are forgotten first, whatever their time to live.</param>
public sealed class MemoryJournal(TimeProvider time, int maxDone = MemoryJournal.DefaultMaxDone) : IJournal
{
    /// <summary>Finished messages that are remembered when nothing else is said: 16,384, some 4 MB.</summary>
    public const int DefaultMaxDone = 16_384;

    private readonly Lock _gate = new();
    private readonly Dictionary<JournalKey, Record> _open = [];
    private readonly Dictionary<DoneKey, DateTimeOffset> _done = [];
    private readonly Queue<DoneKey> _order = new();

    /// <inheritdoc/>
    public Task<JournalEntry> ReceiveAsync(Envelope envelope, bool isStarted, CancellationToken cancellationToken)
    {
        var key = new JournalKey(envelope.From, envelope.Id);
        var state = isStarted ? JournalState.Started : JournalState.Received;
        lock (_gate)
        {
            if (Known(key) is { } known)
            {
                return Task.FromResult(known);
            }

            _open.Add(key, new Record(state, envelope, null));
        }

        return Task.FromResult(new JournalEntry(key, state, IsNew: true, envelope, null));
    }

    /// <inheritdoc/>
    public Task StartAsync(JournalKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ref var record = ref CollectionsMarshal.GetValueRefOrNullRef(_open, key);
            if (!Unsafe.IsNullRef(ref record))
            {
                record = record with { State = JournalState.Started };
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task AnswerAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ref var record = ref CollectionsMarshal.GetValueRefOrNullRef(_open, key);
            if (!Unsafe.IsNullRef(ref record))
            {
                record = record with { State = JournalState.Answered, Reply = reply };
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task FinishAsync(JournalKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_open.Remove(key, out var record))
            {
                var done = new DoneKey(key);
                _done[done] = time.GetUtcNow().AddMilliseconds(record.Envelope.TtlMs);
                _order.Enqueue(done);
                while (_order.Count > maxDone)
                {
                    _done.Remove(_order.Dequeue());
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalEntry>> LoadUnfinishedAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<JournalEntry>>([]);

    /// <inheritdoc/>
    public Task<JournalEntry?> FindAsync(string id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Of a long id that is done only its hash is left: such a one is found by the whole of it.
            var done = _done.Keys.Select(key => new JournalKey(key.Sender, key.Id.Text ?? (key.Id == MessageKey.Of(id) ? id : string.Empty)));
            var found = _open.Keys.Concat(done).Where(key => key.Id.StartsWith(id, StringComparison.Ordinal)).Take(2).ToList();
            return Task.FromResult(found.Count == 1 ? Known(found[0]) : null);
        }
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var expired = _done.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToList();
            foreach (var key in expired)
            {
                _done.Remove(key);
            }

            return Task.FromResult(expired.Count);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private JournalEntry? Known(JournalKey key)
    {
        if (_open.TryGetValue(key, out var record))
        {
            return new JournalEntry(key, record.State, IsNew: false, record.Envelope, record.Reply);
        }

        return _done.ContainsKey(new DoneKey(key)) ? new JournalEntry(key, JournalState.Done, IsNew: false, null, null) : null;
    }

    /// <summary>A finished message: its id as a value, since thousands of texts that die in middle age would be most of the garbage collector's work.</summary>
    private readonly record struct DoneKey(string Sender, MessageKey Id)
    {
        public DoneKey(JournalKey key)
            : this(key.Sender, MessageKey.Of(key.Id))
        {
        }

        public override int GetHashCode() => Id.GetHashCode();
    }

    private readonly record struct Record(JournalState State, Envelope Envelope, Envelope? Reply);
}
