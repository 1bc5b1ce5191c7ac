namespace Parley.Client.Messaging;

/// <summary>Keeps the messages of one sender and thread in the order in which they came, whatever the journal and the scheduler do in between.</summary>
/// <remarks>Safe from many threads; who enters first has the first turn.</remarks>
internal sealed class ThreadTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Sender, string Thread), Turn> _last = [];

    /// <summary>Takes a place behind the messages of the thread that are not done.</summary>
    public Turn Enter(string sender, string thread)
    {
        if (thread.Length == 0)
        {
            return new Turn(this, default, Task.CompletedTask);
        }

        lock (_gate)
        {
            var key = (sender, thread);
            var turn = new Turn(this, key, _last.TryGetValue(key, out var before) ? before.Done : Task.CompletedTask);
            _last[key] = turn;
            return turn;
        }
    }

    private void Leave((string Sender, string Thread) key, Turn turn)
    {
        lock (_gate)
        {
            if (_last.TryGetValue(key, out var last) && last == turn)
            {
                _last.Remove(key);
            }
        }
    }

    /// <summary>One message's place. It ends when it was left and every place before it ended: a repeated delivery, which has nothing to do, opens no gap.</summary>
    internal sealed class Turn(ThreadTurns turns, (string Sender, string Thread) key, Task before) : IDisposable
    {
        // Nobody comes behind a message without a thread.
        private readonly TaskCompletionSource? _done = key.Thread is null ? null : new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isLeft;

        /// <summary>Completes when this message may be worked on.</summary>
        public Task Come => before;

        /// <summary>Completes when the next may.</summary>
        public Task Done => _done?.Task ?? Task.CompletedTask;

        /// <summary>Leaves the place; a second time does nothing.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 1)
            {
                return;
            }

            if (before.IsCompleted)
            {
                End();
            }
            else
            {
                _ = before.ContinueWith(_ => End(), TaskScheduler.Default);
            }
        }

        private void End()
        {
            if (_done is not null)
            {
                _done.TrySetResult();
                turns.Leave(key, this);
            }
        }
    }
}
