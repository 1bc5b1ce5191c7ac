using System.Threading.Tasks.Sources;

namespace Parley.Client.Load;

/// <summary>The requests of one link that wait for their reply, by id. Each wait is used again for a later request, so that waiting costs no memory.</summary>
internal sealed class PendingReplies
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Wait> _waiting = [];
    private readonly Stack<Wait> _free = new();

    /// <summary>Begins to wait for the reply to a request.</summary>
    /// <returns>The reply, to be awaited once.</returns>
    public ValueTask<ReadOnlyMemory<byte>> Add(string id)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var wait))
            {
                wait = new Wait(this);
            }

            _waiting.Add(id, wait);
            return wait.Reply;
        }
    }

    /// <summary>Takes out the wait for a reply that came; null when nobody waits.</summary>
    public Wait? Take(string id)
    {
        lock (_gate)
        {
            return _waiting.Remove(id, out var wait) ? wait : null;
        }
    }

    /// <summary>One request that waits.</summary>
    internal sealed class Wait(PendingReplies owner) : IValueTaskSource<ReadOnlyMemory<byte>>
    {
        private ManualResetValueTaskSourceCore<ReadOnlyMemory<byte>> _source;

        /// <summary>What is waited for.</summary>
        public ValueTask<ReadOnlyMemory<byte>> Reply => new(this, _source.Version);

        /// <summary>Hands over the reply, and continues whoever waits on this thread.</summary>
        public void Complete(ReadOnlyMemory<byte> reply) => _source.SetResult(reply);

        /// <summary>Ends the wait with an error.</summary>
        public void Fail(Exception failure) => _source.SetException(failure);

        ReadOnlyMemory<byte> IValueTaskSource<ReadOnlyMemory<byte>>.GetResult(short token)
        {
            try
            {
                return _source.GetResult(token);
            }
            finally
            {
                _source.Reset();
                lock (owner._gate)
                {
                    owner._free.Push(this);
                }
            }
        }

        ValueTaskSourceStatus IValueTaskSource<ReadOnlyMemory<byte>>.GetStatus(short token) => _source.GetStatus(token);

        void IValueTaskSource<ReadOnlyMemory<byte>>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);
    }
}
