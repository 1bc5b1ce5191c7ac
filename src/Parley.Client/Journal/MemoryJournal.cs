using System.Collections.Concurrent;
using Parley.Protocol.Wire;

namespace Parley.Client.Journal;

/// <summary>A journal that lasts as long as its process: a repeated delivery is still handled once, a crash forgets everything.</summary>
public sealed class MemoryJournal(TimeProvider time) : IJournal
{
    private readonly ConcurrentDictionary<JournalKey, Record> _records = new();

    /// <inheritdoc/>
    public Task<JournalEntry> ReceiveAsync(Envelope envelope, bool isStarted, CancellationToken cancellationToken)
    {
        var key = new JournalKey(envelope.From, envelope.Id);
        var state = isStarted ? JournalState.Started : JournalState.Received;
        var record = new Record(state, envelope, null, time.GetUtcNow().AddMilliseconds(envelope.TtlMs));
        if (_records.TryAdd(key, record))
        {
            return Task.FromResult(new JournalEntry(key, state, IsNew: true, envelope, null));
        }

        return Task.FromResult(_records.TryGetValue(key, out var known) ? known.ToEntry(key) : new JournalEntry(key, JournalState.Done, false, null, null));
    }

    /// <inheritdoc/>
    public Task StartAsync(JournalKey key, CancellationToken cancellationToken) => ChangeAsync(key, record => record with { State = JournalState.Started });

    /// <inheritdoc/>
    public Task AnswerAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken) =>
        ChangeAsync(key, record => record with { State = JournalState.Answered, Reply = reply });

    /// <inheritdoc/>
    public Task FinishAsync(JournalKey key, CancellationToken cancellationToken) =>
        ChangeAsync(key, record => record with { State = JournalState.Done, Envelope = null, Reply = null });

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalEntry>> LoadUnfinishedAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<JournalEntry>>([]);

    /// <inheritdoc/>
    public Task<JournalEntry?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var found = _records.Where(entry => entry.Key.Id.StartsWith(id, StringComparison.Ordinal)).Take(2).ToList();
        return Task.FromResult(found.Count == 1 ? found[0].Value.ToEntry(found[0].Key) : null);
    }

    /// <inheritdoc/>
    public Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return Task.FromResult(_records.Count(entry => entry.Value.ExpiresAt <= now && entry.Value.State == JournalState.Done && _records.TryRemove(entry)));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task ChangeAsync(JournalKey key, Func<Record, Record> change)
    {
        if (_records.TryGetValue(key, out var record))
        {
            _records[key] = change(record);
        }

        return Task.CompletedTask;
    }

    private sealed record Record(JournalState State, Envelope? Envelope, Envelope? Reply, DateTimeOffset ExpiresAt)
    {
        public JournalEntry ToEntry(JournalKey key) => new(key, State, IsNew: false, Envelope, Reply);
    }
}
