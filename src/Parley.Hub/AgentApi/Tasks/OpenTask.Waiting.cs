using System.Runtime.CompilerServices;
using Parley.Gateway.A2a.Tasks;
using Parley.Hub.AgentApi.Tasks.Stored;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks;

internal sealed partial class OpenTask
{
    private const long TailBytes = 128 * 1024;
    private const long ReadBytes = 1 << 20;

    private readonly Queue<(TaskEvent Event, int Size)> _tail = new();
    private TaskCompletionSource? _changed;
    private long _tailSize;
    private int _streams;

    /// <summary>Waits until an event is committed, and, unless it is enough, until the task ended or waits for its caller.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unavailable"/> the store took nothing; <see cref="ErrorCode.Draining"/>.</exception>
    public async System.Threading.Tasks.Task WaitAsync(long number, bool untilItWaits, CancellationToken cancellationToken)
    {
        var started = _desk.Time.GetTimestamp();
        while (true)
        {
            System.Threading.Tasks.Task changed;
            TimeSpan longest;
            long told;
            lock (_gate)
            {
                ThrowIfFailed(number);
                if (_committed >= number && (!untilItWaits || TaskStates.EndsWaiting(_committedState)))
                {
                    return;
                }

                ThrowIfStuck();
                changed = Changed();
                // That an agent is away is to be told, so it has to be committed too; nothing comes after it by itself.
                (longest, told) = _calls.Count > 0 && _calls.TrueForAll(run => run.Answer.IsHeld) ? (_desk.Options.HeldWait, _number) : (_desk.Options.SendWait, number);
            }

            // What was not committed is not told, however long that takes.
            var left = longest - _desk.Time.GetElapsedTime(started);
            if (!await IsInTimeAsync(changed, IsCommitted(told) ? left : Timeout.InfiniteTimeSpan, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>Waits for the end for a while.</summary>
    public async System.Threading.Tasks.Task WaitForEndAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var started = _desk.Time.GetTimestamp();
        while (true)
        {
            System.Threading.Tasks.Task changed;
            lock (_gate)
            {
                ThrowIfFailed(long.MaxValue);
                if (TaskStates.IsTerminal(_committedState))
                {
                    return;
                }

                changed = Changed();
            }

            if (!await IsInTimeAsync(changed, longest - _desk.Time.GetElapsedTime(started), cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>The task as committed; null when something is under way, and the store has to be asked.</summary>
    public Gateway.Wire.V1.Task? View(int? historyLength)
    {
        lock (_gate)
        {
            return _committed == _number ? _task.View(historyLength, withArtifacts: true) : null;
        }
    }

    /// <summary>The events after one, as they are committed, until the stream of the task closes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RateLimited"/> too many streams; <see cref="ErrorCode.Unavailable"/>, <see cref="ErrorCode.Draining"/>.</exception>
    public async IAsyncEnumerable<TaskEvent> FollowAsync(long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BeginStream();
        try
        {
            while (true)
            {
                var (events, changed, isDone) = Next(after);
                events ??= await _desk.Reader.EventsAsync(Id, after, ReadBytes, cancellationToken);
                foreach (var one in events)
                {
                    after = one.Number;
                    yield return one;
                }

                if (events.Count == 0 && isDone)
                {
                    yield break;
                }

                if (events.Count == 0)
                {
                    await IsInTimeAsync(changed, Timeout.InfiniteTimeSpan, cancellationToken);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
            _desk.CountStream(-1);
        }
    }

    private void BeginStream()
    {
        if (Interlocked.Increment(ref _streams) > _desk.Options.MaxStreams)
        {
            Interlocked.Decrement(ref _streams);
            throw new ParleyException(ErrorCode.RateLimited, $"The task is followed by {_desk.Options.MaxStreams} streams already.");
        }

        _desk.CountStream(1);
    }

    // Events are null when memory does not reach back to them.
    private (IReadOnlyList<TaskEvent>? Events, System.Threading.Tasks.Task Changed, bool IsDone) Next(long after)
    {
        lock (_gate)
        {
            ThrowIfFailed(1);
            if (after >= _committed)
            {
                var isDone = after == _committed && TaskStates.ClosesStream(_committedState);
                if (!isDone)
                {
                    ThrowIfStuck();
                }

                return ([], Changed(), isDone);
            }

            var isInTail = _tail.TryPeek(out var first) && first.Event.Number <= after + 1;
            return (isInTail ? [.. _tail.Select(entry => entry.Event).Where(one => one.Number > after)] : null, System.Threading.Tasks.Task.CompletedTask, false);
        }
    }

    private void AddToTail(TaskWrite write)
    {
        var number = write.Number - write.Events.Count;
        foreach (var response in write.Events)
        {
            var size = response.CalculateSize();
            _tail.Enqueue((new TaskEvent(++number, response), size));
            _tailSize += size;
        }

        while (_tailSize > TailBytes && _tail.Count > write.Events.Count)
        {
            _tailSize -= _tail.Dequeue().Size;
        }
    }

    private async System.Threading.Tasks.Task CommittedAsync()
    {
        while (true)
        {
            System.Threading.Tasks.Task changed;
            lock (_gate)
            {
                if (_failure is TaskGoneException gone)
                {
                    throw gone;
                }

                if (_isDeferred || _writtenChanges == _changes)
                {
                    return;
                }

                changed = Changed();
            }

            await changed.WaitAsync(_desk.Stopping);
        }
    }

    private bool IsCommitted(long number)
    {
        lock (_gate)
        {
            return _committed >= number;
        }
    }

    private void ThrowIfFailed(long number)
    {
        if (_failure is not null && (_committed < number || _failure is TaskGoneException))
        {
            throw StoreRefusal();
        }
    }

    // There is more to tell, and it cannot be written: each attempt wakes those who wait, so none of them hangs.
    private void ThrowIfStuck()
    {
        if (_failure is not null && _desk.Time.GetElapsedTime(_failingSince) >= _desk.Options.StoreWait)
        {
            throw StoreRefusal();
        }
    }

    private ParleyException StoreRefusal() => new(ErrorCode.Unavailable, "The hub's store takes nothing now; try again later.", _failure);

    // False when the time is over.
    private async Task<bool> IsInTimeAsync(System.Threading.Tasks.Task changed, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (longest <= TimeSpan.Zero && longest != Timeout.InfiniteTimeSpan)
        {
            return false;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _desk.Draining);
        try
        {
            await changed.WaitAsync(longest, _desk.Time, either.Token);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.Draining, "The hub is shutting down. The task goes on; ask for it again.");
        }
    }

    private System.Threading.Tasks.Task Changed() => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void TellChange()
    {
        var changed = _changed;
        _changed = null;
        changed?.TrySetResult();
    }
}
