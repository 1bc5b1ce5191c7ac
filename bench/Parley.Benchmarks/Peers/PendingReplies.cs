using System.Threading.Tasks.Sources;

namespace Parley.Benchmarks.Peers;

/// <summary>The requests of one connection that wait for their reply, each in a numbered slot that is used again.</summary>
internal sealed class PendingReplies
{
    private readonly Lock _gate = new();
    private readonly Stack<Slot> _free = new();
    private Slot[] _slots = [];
    private Exception? _closed;

    /// <summary>Takes a free slot.</summary>
    public Slot Take()
    {
        lock (_gate)
        {
            if (_closed is not null)
            {
                throw new IOException("The connection is closed.", _closed);
            }

            if (!_free.TryPop(out var slot))
            {
                slot = new Slot(this, _slots.Length);
                _slots = [.. _slots, slot];
            }

            slot.IsTaken = true;
            return slot;
        }
    }

    /// <summary>Hands a reply to the request that waits in this slot; a reply that nobody waits for is dropped.</summary>
    public void Complete(int number, ReadOnlySpan<byte> reply)
    {
        var slots = _slots;
        if ((uint)number < (uint)slots.Length && slots[number].IsTaken)
        {
            slots[number].Complete(reply);
        }
    }

    /// <summary>Fails what waits and what comes later.</summary>
    public void Close(Exception? failure)
    {
        Slot[] waiting;
        lock (_gate)
        {
            _closed = failure ?? new IOException("The connection was closed.");
            waiting = [.. _slots.Where(slot => slot.IsTaken)];
        }

        foreach (var slot in waiting)
        {
            slot.Fail(_closed);
        }
    }

    /// <summary>One waiting request.</summary>
    internal sealed class Slot(PendingReplies owner, int number) : IValueTaskSource<ReadOnlyMemory<byte>>
    {
        private ManualResetValueTaskSourceCore<ReadOnlyMemory<byte>> _source;
        private byte[] _reply = [];

        /// <summary>What the reply must name.</summary>
        public int Number => number;

        /// <summary>Whether a request waits here.</summary>
        public bool IsTaken { get; set; }

        /// <summary>The reply, once.</summary>
        public ValueTask<ReadOnlyMemory<byte>> Reply => new(this, _source.Version);

        /// <summary>Copies the reply and continues the caller on this thread.</summary>
        public void Complete(ReadOnlySpan<byte> reply)
        {
            if (_reply.Length < reply.Length)
            {
                _reply = new byte[reply.Length];
            }

            reply.CopyTo(_reply);
            IsTaken = false;
            _source.SetResult(_reply.AsMemory(0, reply.Length));
        }

        /// <summary>Ends the wait with an error.</summary>
        public void Fail(Exception failure)
        {
            IsTaken = false;
            _source.SetException(failure);
        }

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
