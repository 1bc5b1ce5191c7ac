using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Client.Journal;

/// <summary>A journal whose disk may be full for a while: what cannot be noted now is tried again until it is, so that no message or answer is dropped meanwhile.</summary>
/// <remarks>
/// Nothing is acknowledged to the hub until it was noted, so the hub's window for this listener bounds what waits here. <see cref="OnChange"/> tells the machine's owner, who alone can make room.
/// Disposing it ends the tries with <see cref="OperationCanceledException"/>.
/// </remarks>
/// <param name="inner">The journal; it stays its owner's.</param>
/// <param name="time">The clock.</param>
public sealed class PatientJournal(IJournal inner, TimeProvider time) : IJournal
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private int _waiting;

    /// <summary>Told why nothing can be noted, when that begins, and null when it works again.</summary>
    public Action<string?>? OnChange { get; set; }

    /// <inheritdoc/>
    public Task<JournalEntry> ReceiveAsync(Envelope envelope, bool isStarted, CancellationToken cancellationToken) =>
        UntilDoneAsync(() => inner.ReceiveAsync(envelope, isStarted, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(JournalKey key, CancellationToken cancellationToken) => UntilDoneAsync(() => inner.StartAsync(key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task AnswerAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken) =>
        UntilDoneAsync(() => inner.AnswerAsync(key, reply, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task FinishAsync(JournalKey key, CancellationToken cancellationToken) => UntilDoneAsync(() => inner.FinishAsync(key, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalEntry>> LoadUnfinishedAsync(CancellationToken cancellationToken) => inner.LoadUnfinishedAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<JournalEntry?> FindAsync(string id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

    /// <summary>Not tried again: it is called from time to time anyway.</summary>
    public Task<int> PruneAsync(CancellationToken cancellationToken) => inner.PruneAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _closing.Dispose();
    }

    private Task<bool> UntilDoneAsync(Func<Task> step, CancellationToken cancellationToken) => UntilDoneAsync(
        async () =>
        {
            await step();
            return true;
        },
        cancellationToken);

    private Task<T> UntilDoneAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        var first = step();
        return first.IsCompletedSuccessfully ? first : RepeatAsync(first, step, cancellationToken);
    }

    private async Task<T> RepeatAsync<T>(Task<T> attempt, Func<Task<T>> step, CancellationToken cancellationToken)
    {
        var (isWaiting, isDone) = (false, false);
        try
        {
            while (true)
            {
                try
                {
                    var result = await attempt;
                    isDone = true;
                    return result;
                }
                catch (StoreUnavailableException exception)
                {
                    if (!isWaiting && Interlocked.Increment(ref _waiting) == 1)
                    {
                        OnChange?.Invoke(exception.Message);
                    }

                    isWaiting = true;
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
                    await Task.Delay(_pause, time, either.Token);
                }

                attempt = step();
            }
        }
        finally
        {
            if (isWaiting && Interlocked.Decrement(ref _waiting) == 0 && isDone)
            {
                OnChange?.Invoke(null);
            }
        }
    }
}
