using System.Buffers;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;

namespace Parley.Hub.Signalling;

/// <summary>Two ends whose bytes are handed on to each other, unread. One after another both come in; then it runs until either ends.</summary>
/// <remarks>It reads on only when what it read was taken, so memory stays what the two connections buffer.</remarks>
internal sealed class RelayCircuit : IDisposable
{
    /// <summary>Bytes that are written at once, at most.</summary>
    private const int MaxGathered = 256 * 1024;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cut = new();
    private readonly TimeProvider _time;
    private readonly long _bytesPerSecond;
    private readonly Action<long> _count;
    private readonly Lock _gate = new();
    private ILinkTransport? _waiting;
    private long _lastMoved;
    private bool _isRunning;

    /// <summary>A circuit that nobody is in yet.</summary>
    /// <param name="opener">Who asked for it.</param>
    /// <param name="acceptor">The other agent.</param>
    /// <param name="bytesPerSecond">The rate of each direction; 0 = no limit.</param>
    /// <param name="count">Told how many bytes were handed on.</param>
    /// <param name="time">Clock.</param>
    public RelayCircuit(AgentAddress opener, AgentAddress acceptor, long bytesPerSecond, Action<long> count, TimeProvider time)
    {
        (Opener, Acceptor, _bytesPerSecond, _count, _time) = (opener, acceptor, bytesPerSecond, count, time);
        _lastMoved = time.GetTimestamp();
    }

    /// <summary>Who asked for it.</summary>
    public AgentAddress Opener { get; }

    /// <summary>The other agent.</summary>
    public AgentAddress Acceptor { get; }

    /// <summary>Whether both ends are in.</summary>
    public bool IsRunning
    {
        get => Volatile.Read(ref _isRunning);
        private set => Volatile.Write(ref _isRunning, value);
    }

    /// <summary>How long nothing was carried.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _lastMoved));

    /// <summary>Whether the agent has a part in it.</summary>
    public bool Has(AgentAddress agent) => Opener == agent || Acceptor == agent;

    /// <summary>Ends it, whatever its state. What cuts it is left to the collector: its ends may look at it for a moment longer.</summary>
    public void Dispose()
    {
        _cut.Cancel();
        lock (_gate)
        {
            if (!IsRunning)
            {
                _done.TrySetResult();
            }
        }
    }

    /// <summary>An end comes in, and leaves when the circuit has ended: until then its transport is used, and never afterwards.</summary>
    /// <param name="transport">The end's bytes.</param>
    /// <param name="onReady">Called when both are in, with both transports, before anything is carried.</param>
    /// <param name="cancellationToken">This end broke.</param>
    public async Task JoinAsync(ILinkTransport transport, Func<ILinkTransport, ILinkTransport, CancellationToken, Task> onReady, CancellationToken cancellationToken)
    {
        await using var broken = cancellationToken.Register(Dispose);
        ILinkTransport? other;
        lock (_gate)
        {
            other = _waiting;
            _waiting = transport;
            if (other is not null && !_cut.IsCancellationRequested)
            {
                // Nothing could be carried before: the wait for the second end is not idleness.
                Volatile.Write(ref _lastMoved, _time.GetTimestamp());
                IsRunning = true;
            }
        }

        if (other is not null && IsRunning)
        {
            await RunAsync(other, transport, onReady);
        }

        await _done.Task;
    }

    private async Task RunAsync(ILinkTransport first, ILinkTransport second, Func<ILinkTransport, ILinkTransport, CancellationToken, Task> onReady)
    {
        try
        {
            await onReady(first, second, _cut.Token);
            Volatile.Write(ref _lastMoved, _time.GetTimestamp());
            await Task.WhenAll(CopyAsync(first, second), CopyAsync(second, first));
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
            // An end went away: so does the circuit.
        }
        finally
        {
            await _cut.CancelAsync();
            _done.TrySetResult();
        }
    }

    private async Task CopyAsync(ILinkTransport from, ILinkTransport to)
    {
        try
        {
            var started = _time.GetTimestamp();
            var sent = 0L;
            while (true)
            {
                var read = await from.Input.ReadAsync(_cut.Token);
                await WriteAsync(to, read.Buffer);
                sent += read.Buffer.Length;
                _count(read.Buffer.Length);
                Volatile.Write(ref _lastMoved, _time.GetTimestamp());
                from.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }

                await PaceAsync(sent, started);
            }
        }
        finally
        {
            // There is no half of a circuit.
            await _cut.CancelAsync();
        }
    }

    // What is read comes in blocks of a few KiB. Written one by one, each would be a frame and a call of the system.
    private async ValueTask WriteAsync(ILinkTransport to, ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            await to.WriteAsync(bytes.First, _cut.Token);
            return;
        }

        var gathered = ArrayPool<byte>.Shared.Rent((int)Math.Min(bytes.Length, MaxGathered));
        try
        {
            while (!bytes.IsEmpty)
            {
                var piece = bytes.Slice(0, Math.Min(bytes.Length, gathered.Length));
                piece.CopyTo(gathered);
                await to.WriteAsync(gathered.AsMemory(0, (int)piece.Length), _cut.Token);
                bytes = bytes.Slice(piece.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    private async ValueTask PaceAsync(long sent, long started)
    {
        if (_bytesPerSecond <= 0)
        {
            return;
        }

        var ahead = TimeSpan.FromSeconds((double)sent / _bytesPerSecond) - _time.GetElapsedTime(started);
        if (ahead > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(ahead, _time, _cut.Token);
        }
    }
}
