using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>The frames that wait for one link, and the one writer that sends them: many frames, one write.</summary>
/// <remarks>
/// Any thread appends; the first flush that finds no writer at work becomes the writer and goes on until nothing is left.
/// Appending never waits. Whoever feeds the outbox watches <see cref="PendingBytes"/> and stops feeding a reader that is too slow.
/// </remarks>
public sealed class FrameOutbox : IThreadPoolWorkItem
{
    /// <summary>What the transport is given at once, up to the end of the frame that reaches it.</summary>
    public const int StepBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly ILinkTransport _transport;
    private readonly CancellationToken _closing;
    private readonly Queue<IEnumerator<Frame>> _bulk = new();
    private readonly List<ulong> _acknowledged = [];
    private PooledBuffer _filling = new();
    private PooledBuffer _writing = new();
    private int _isFlushQueued;
    private bool _isWriting;
    private bool _isClosed;
    private long _bulkBytes;
    private int _taken;
    private TaskCompletionSource? _emptied;
    private TaskCompletionSource? _drained;
    private long _drainTo;

    /// <summary>An outbox in front of a transport.</summary>
    /// <param name="transport">Where the bytes go.</param>
    /// <param name="closing">Ends writes in progress.</param>
    public FrameOutbox(ILinkTransport transport, CancellationToken closing)
    {
        _transport = transport;
        _closing = closing;
    }

    /// <summary>Bytes that the transport has not taken yet.</summary>
    /// <remarks>Read without the gate, as a hint: whoever asks compares it with megabytes.</remarks>
    public long PendingBytes => _filling.Length + _writing.Length - _taken + Volatile.Read(ref _bulkBytes);

    /// <summary>Puts a frame at the end; it goes out with the next flush. After the link broke nothing happens.</summary>
    public void Append(Frame frame)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                FrameCodec.Write(_filling, frame);
            }
        }
    }

    /// <summary>Puts an envelope that a client sends at the end.</summary>
    public void AppendSend(Envelope envelope)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                BusyFrames.WriteSend(_filling, envelope);
            }
        }
    }

    /// <summary>Puts the hub's delivery of an envelope at the end.</summary>
    public void AppendDelivery(ulong number, Envelope envelope, in DeliveryNote note)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                BusyFrames.WriteDelivery(_filling, number, envelope, note);
            }
        }
    }

    /// <summary>Puts receipts at the end, in one frame.</summary>
    public void AppendReceipts(ReadOnlySpan<ReceiptLine> receipts)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                BusyFrames.WriteReceipts(_filling, receipts);
            }
        }
    }

    /// <summary>Acknowledges a delivery: all that come before the next write go out in one frame, at its front.</summary>
    public void Acknowledge(ulong number)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _acknowledged.Add(number);
            }
        }
    }

    /// <summary>Adds the chunks of one large body. They go out one per write, in turn with those of other bodies, so that small frames pass them.</summary>
    /// <param name="chunks">Frames made when their turn comes.</param>
    /// <param name="bytes">Their bytes in all, for <see cref="PendingBytes"/>.</param>
    public void AppendBulk(IEnumerator<Frame> chunks, int bytes)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _bulk.Enqueue(chunks);
                _bulkBytes += bytes;
            }
        }
    }

    /// <summary>Puts a frame at the end and sends what waits.</summary>
    public void Send(Frame frame)
    {
        Append(frame);
        Flush();
    }

    /// <summary>Starts sending what waits, unless a writer is at work already; does not wait for it.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isWriting || _isClosed || !HasWork)
            {
                return;
            }

            _isWriting = true;
        }

        _ = WriteAllAsync();
    }

    /// <summary>Starts sending what waits: now when this process has nothing else to do, else after the work that is queued already, so that what it appends goes along.</summary>
    public void FlushSoon()
    {
        if (ThreadPool.PendingWorkItemCount == 0)
        {
            Flush();
        }
        else if (Interlocked.Exchange(ref _isFlushQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _isFlushQueued, 0);
        Flush();
    }

    /// <summary>Sends what waits and completes when the transport took all of it, or the link broke.</summary>
    public Task FlushAsync()
    {
        Task emptied;
        lock (_gate)
        {
            if (_isClosed || (!_isWriting && !HasWork))
            {
                return Task.CompletedTask;
            }

            emptied = (_emptied ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        Flush();
        return emptied;
    }

    /// <summary>Sends what waits and completes when the transport took all but some of it, or the link broke. One caller at a time.</summary>
    /// <param name="bytes">How many bytes may still wait.</param>
    public Task DrainAsync(long bytes)
    {
        Task drained;
        lock (_gate)
        {
            if (_isClosed || PendingBytes <= bytes)
            {
                return Task.CompletedTask;
            }

            (_drained, _drainTo) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), bytes);
            drained = _drained.Task;
        }

        Flush();
        return drained;
    }

    /// <summary>Drops what waits and takes no more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (!_isWriting)
            {
                Finish();
            }
        }
    }

    private static int SizeOf(Frame chunk) => chunk.Chunk?.Data.Length ?? chunk.RoomChunk?.Data.Length ?? 0;

    private bool HasWork => _filling.Length > 0 || _bulk.Count > 0 || _acknowledged.Count > 0;

    /// <summary>Called under the gate before each write: one chunk of one body joins the small frames.</summary>
    private void TakeChunk()
    {
        while (!_isClosed && _bulk.TryDequeue(out var chunks))
        {
            if (chunks.MoveNext())
            {
                _bulkBytes = Math.Max(0, _bulkBytes - SizeOf(chunks.Current));
                FrameCodec.Write(_filling, chunks.Current);
                _bulk.Enqueue(chunks);
                return;
            }

            chunks.Dispose();
        }
    }

    /// <summary>Called under the gate: what waits becomes what is written, acknowledgements first, since what follows may rest on them.</summary>
    private void TakeFilled()
    {
        if (_acknowledged.Count == 0)
        {
            (_filling, _writing) = (_writing, _filling);
            return;
        }

        BusyFrames.WriteAck(_writing, CollectionsMarshal.AsSpan(_acknowledged));
        _acknowledged.Clear();
        _writing.Write(_filling.Written.Span);
        _filling.Release();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (TryTake(out var frames))
            {
                while (frames.Length > StepBytes)
                {
                    // Whoever waits for a slow reader is told of each step.
                    frames = frames[await WriteStepAsync(frames)..];
                }

                if (!frames.IsEmpty)
                {
                    // A last step may have taken all of it, and an HTTP/2 stream answers a write of nothing as one that is over.
                    await _transport.WriteAsync(frames, _closing);
                }

                lock (_gate)
                {
                    _writing.Release();
                    _taken = 0;
                    TellDrained();
                }
            }
        }
        catch (Exception)
        {
            // The reader of the same link sees a break too and reports it; here only the waiting frames go. Whatever it was: after a writer that died at work nobody would write.
            lock (_gate)
            {
                _isClosed = true;
                Finish();
            }
        }
    }

    /// <summary>What is to be written next; false when there is nothing, and the writer has stopped.</summary>
    private bool TryTake(out ReadOnlyMemory<byte> frames)
    {
        lock (_gate)
        {
            TakeChunk();
            var isLeft = !_isClosed && (_filling.Length > 0 || _acknowledged.Count > 0);
            if (isLeft)
            {
                TakeFilled();
            }
            else
            {
                Finish();
            }

            frames = isLeft ? _writing.Written : default;
            return isLeft;
        }
    }

    private async Task<int> WriteStepAsync(ReadOnlyMemory<byte> frames)
    {
        var step = StepOf(frames.Span);
        await _transport.WriteAsync(frames[..step], _closing);
        lock (_gate)
        {
            _taken += step;
            TellDrained();
        }

        return step;
    }

    private static int StepOf(ReadOnlySpan<byte> frames)
    {
        var step = 0;
        while (step < StepBytes)
        {
            step += FrameCodec.PrefixBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(frames[(step + 1)..]);
        }

        return step;
    }

    /// <summary>Called under the gate when the transport took something.</summary>
    private void TellDrained()
    {
        if (_drained is not null && PendingBytes <= _drainTo)
        {
            EndDrain();
        }
    }

    private void EndDrain()
    {
        _drained?.SetResult();
        _drained = null;
    }

    /// <summary>Called under the gate when the writer stops.</summary>
    private void Finish()
    {
        _isWriting = false;
        if (_isClosed)
        {
            _filling.Release();
            _writing.Release();
            _taken = 0;
            _bulk.Clear();
            _bulkBytes = 0;
            _acknowledged.Clear();
        }

        _emptied?.TrySetResult();
        _emptied = null;
        EndDrain();
    }
}
