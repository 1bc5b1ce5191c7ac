using Parley.Protocol.Stun;
using Parley.WebRtc.Udp;

namespace Parley.Benchmarks.WebRtc;

/// <summary>A line between two ends on loopback, with delay and loss: what comes to one of its two sockets leaves the other one, to whoever spoke to that one last.</summary>
/// <remarks>It runs on the same driver as what it stands between. Memory is as large as what is under way, and used again.</remarks>
internal sealed class SlowLine(TimeSpan delay, double loss, Random random) : IDatagramMachine
{
    private readonly Queue<Held> _held = new();
    private readonly Stack<byte[]> _spare = new();
    private readonly TransportAddress[] _sockets = new TransportAddress[2];
    private readonly TransportAddress[] _ends = new TransportAddress[2];

    /// <inheritdoc/>
    public TimeSpan? NextTimeout => _held.TryPeek(out var next) ? next.At : null;

    /// <summary>The two sockets.</summary>
    public void Attach(TransportAddress first, TransportAddress second) => (_sockets[0], _sockets[1]) = (first, second);

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now)
    {
        var from = local == _sockets[0] ? 0 : 1;
        _ends[from] = remote;
        if (_ends[1 - from].IsNone || random.NextDouble() < loss)
        {
            return;
        }

        if (!_spare.TryPop(out var bytes) || bytes.Length < datagram.Length)
        {
            bytes = new byte[Math.Max(2048, datagram.Length)];
        }

        datagram.CopyTo(bytes);
        _held.Enqueue(new Held(now + delay, bytes, datagram.Length, 1 - from));
    }

    /// <inheritdoc/>
    public int Poll(Span<byte> destination, out TransportAddress local, out TransportAddress remote, out bool isProbe, TimeSpan now)
    {
        (local, remote, isProbe) = (default, default, false);
        if (!_held.TryPeek(out var next) || next.At > now)
        {
            return 0;
        }

        _held.Dequeue();
        next.Bytes.AsSpan(0, next.Length).CopyTo(destination);
        (local, remote) = (_sockets[next.To], _ends[next.To]);
        _spare.Push(next.Bytes);
        return next.Length;
    }

    /// <inheritdoc/>
    public void HandleTimeout(TimeSpan now)
    {
        // What is due goes out with the next poll.
    }

    /// <inheritdoc/>
    public void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now)
    {
        // Lost, as on any line.
    }

    private readonly record struct Held(TimeSpan At, byte[] Bytes, int Length, int To);
}
