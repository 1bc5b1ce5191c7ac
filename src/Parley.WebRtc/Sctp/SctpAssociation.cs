using Parley.Protocol.Messaging;
using Parley.WebRtc.Sctp.Path;
using Parley.WebRtc.Sctp.Receiving;
using Parley.WebRtc.Sctp.Sending;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp;

/// <summary>One SCTP association (RFC 9260) as WebRTC uses it (RFC 8831): messages in streams over datagrams that may be lost, doubled and reordered.</summary>
/// <remarks>
/// Packets and the time go in (<see cref="Receive"/>, <see cref="Tick"/>), packets, the next deadline and events come out (<see cref="Poll"/>,
/// <see cref="NextTimeout"/>, <see cref="TryRead"/>). After each call of the first kind, poll until nothing comes. Not safe for more than one thread; the time
/// never goes back. States: <see cref="SctpState"/>.
/// </remarks>
public sealed partial class SctpAssociation
{
    private const int LeastPacketBytes = 512;
    private const int MostPacketBytes = 65_000;

    private readonly SctpOptions _options;
    private readonly FillRandom _fill;
    private readonly BufferPool _pool;
    private readonly EventQueue _events;
    private readonly PendingControl _control = new();
    private readonly DataSender _sender;
    private readonly DataReceiver _receiver;
    private readonly Acknowledgements _acknowledgements;
    private readonly StreamResets _resets;
    private readonly PathMtu _pathMtu;
    private readonly Heartbeats _heartbeats;
    private uint _localTag;
    private uint _peerTag;
    private ushort _outboundStreams;
    private bool _isAboveThreshold;

    /// <summary>Makes an association that has sent nothing.</summary>
    /// <param name="options">Limits and patience.</param>
    /// <param name="fill">Source of tags, initial numbers and the cookie's key: the operating system's in production.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its bounds.</exception>
    public SctpAssociation(SctpOptions options, FillRandom fill)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(fill);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StartPacketBytes, LeastPacketBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.StartPacketBytes, MostPacketBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPacketBytes, MostPacketBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReceiveBufferBytes, 64 << 10);
        ArgumentOutOfRangeException.ThrowIfZero(options.MaxStreams);
        (_options, _fill) = (options, fill);
        _pool = new BufferPool(options.ReceiveBufferBytes + options.SendBufferBytes);
        _events = new EventQueue(_pool);
        _sender = new DataSender(options, _pool);
        _receiver = new DataReceiver(options, _pool, _events);
        _acknowledgements = new Acknowledgements(options, _receiver);
        _resets = new StreamResets(_sender, _receiver, _events, _control, options);
        _pathMtu = new PathMtu(options);
        _heartbeats = new Heartbeats(options, fill);
        WritableThreshold = options.SendBufferBytes / 2;
        _fill(_cookieKey);
        _localTag = NewTag();
        _initialTsn = NewTag();
    }

    /// <summary>Where it stands.</summary>
    public SctpState State { get; private set; }

    /// <summary>Bytes given to <see cref="Send"/> that were not sent the first time yet.</summary>
    public long BufferedBytes => _sender.Queue.Bytes;

    /// <summary>Bytes sent and not acknowledged.</summary>
    public long OutstandingBytes => _sender.OutstandingBytes;

    /// <summary>When <see cref="BufferedBytes"/> sinks to this, <see cref="SctpEventKind.Writable"/> is told.</summary>
    public long WritableThreshold { get; set; }

    /// <summary>Streams that messages may be sent on; 0 before the handshake.</summary>
    public int OutboundStreams => _outboundStreams;

    /// <summary>Bytes of the largest packet that the path takes, as far as known.</summary>
    public int PacketBytes => _pathMtu.Current;

    /// <summary>Bytes for which <see cref="Poll"/> needs room.</summary>
    public int MaxPacketBytes => Math.Max(_options.StartPacketBytes, _options.MaxPacketBytes);

    /// <summary>Smoothed round trip; zero while unknown.</summary>
    public TimeSpan RoundTrip => _sender.RoundTrip.Smoothed;

    /// <summary>Bytes that may be in flight by what is known of the path.</summary>
    public long CongestionWindow => _sender.CongestionWindow;

    /// <summary>The last packet of <see cref="Poll"/> looks for the size that the path carries: it must not be cut on its way.</summary>
    public bool WasProbe { get; private set; }

    /// <summary>Why it failed; none while it has not.</summary>
    public SctpFailure Failure { get; private set; }

    /// <summary>Fragments that were sent again since the beginning.</summary>
    public long Retransmitted => _sender.Retransmitted;

    /// <summary>When <see cref="Tick"/> is to be called, as time since the caller's origin; null: only after something was received or asked for.</summary>
    public TimeSpan? NextTimeout
    {
        get
        {
            var next = _handshakeDeadline;
            if (State is SctpState.Closed or SctpState.Ended)
            {
                return null;
            }

            if (IsOpen)
            {
                next = Earlier(next, Earlier(_sender.Deadline, _acknowledgements.Deadline));
                next = Earlier(next, Earlier(_resets.Deadline, _pathMtu.Deadline));
                next = State == SctpState.Established ? Earlier(next, _heartbeats.Deadline) : next;
            }

            return next == TimeSpan.MaxValue ? null : next;
        }
    }

    private bool IsOpen => State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent or SctpState.ShutdownReceived or SctpState.ShutdownAckSent;

    private bool MaySendData => State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownReceived;

    /// <summary>Bytes given to <see cref="Send"/> for a stream that were not sent the first time yet.</summary>
    public long BufferedBytesOf(ushort stream) => _sender.Queue.BytesOf(stream);

    /// <summary>Gives a message to be sent; its bytes are copied.</summary>
    /// <param name="stream">Below <see cref="OutboundStreams"/>.</param>
    /// <param name="protocolId">What the bytes are, for the peer.</param>
    /// <param name="payload">At least one byte.</param>
    /// <param name="delivery">How it is to arrive.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">The payload is empty, which SCTP cannot carry.</exception>
    public SctpSendResult Send(ushort stream, uint protocolId, ReadOnlySpan<byte> payload, SctpDelivery delivery, TimeSpan now)
    {
        if (payload.IsEmpty)
        {
            throw new ArgumentException("A message has at least one byte.", nameof(payload));
        }

        if (State != SctpState.Established || _sender.Queue.Stream(stream).IsResetting)
        {
            return SctpSendResult.Closed;
        }

        if (stream >= _outboundStreams)
        {
            return SctpSendResult.NoSuchStream;
        }

        // A single message beyond the limit is taken when nothing else waits.
        if (BufferedBytes > 0 && BufferedBytes + payload.Length > _options.SendBufferBytes)
        {
            _isAboveThreshold = true;
            return SctpSendResult.Full;
        }

        _sender.Queue.Add(stream, protocolId, payload, delivery, now);
        _isAboveThreshold |= BufferedBytes > WritableThreshold;
        return SctpSendResult.Accepted;
    }

    /// <summary>Sets a stream's share of the path beside the others.</summary>
    /// <param name="stream">Which.</param>
    /// <param name="weight">1 to 65,535; 256 is normal (RFC 8831, section 6.4).</param>
    public void SetWeight(ushort stream, int weight) => _sender.Queue.Stream(stream).Weight = Math.Clamp(weight, 1, ushort.MaxValue);

    /// <summary>Our side of a stream begins anew once what waits in it was sent; until <see cref="SctpEventKind.OutgoingReset"/> it takes nothing.</summary>
    public void ResetStream(ushort stream)
    {
        if (IsOpen)
        {
            _resets.Want(stream);
        }
    }

    /// <summary>Takes the next event; a message's bytes are valid until the next call.</summary>
    public bool TryRead(out SctpEvent happened)
    {
        if (IsOpen)
        {
            // Before the last event is taken, so that a reader who stops at the end misses nothing.
            _resets.Resume();
        }

        var isRead = _events.TryRead(out happened);
        if (IsOpen)
        {
            _acknowledgements.OnRead();
        }

        return isRead;
    }

    /// <summary>The path is another one now: packets are small again until larger ones are proved.</summary>
    /// <param name="now">The time.</param>
    /// <param name="maxPacketBytes">Bytes beyond which none is tried on this path, below <see cref="SctpOptions.MaxPacketBytes"/>; <see cref="SctpOptions.StartPacketBytes"/> it takes in any case. May be told before the handshake.</param>
    public void OnPathChanged(TimeSpan now, int maxPacketBytes = int.MaxValue)
    {
        _pathMtu.Limit = maxPacketBytes;
        if (IsOpen)
        {
            _pathMtu.Search(now);
            _sender.Resize(_pathMtu.Current);
        }
    }

    /// <summary>Writes the next packet.</summary>
    /// <param name="destination">At least <see cref="MaxPacketBytes"/>.</param>
    /// <param name="now">The time.</param>
    /// <returns>Its length; 0: nothing is to be sent now.</returns>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public int Poll(Span<byte> destination, TimeSpan now)
    {
        if (destination.Length < MaxPacketBytes)
        {
            throw new ArgumentException("A packet needs more room.", nameof(destination));
        }

        WasProbe = false;
        if (_control.TryTakeAlone(out var chunk, out var tag))
        {
            var alone = new PacketWriter(destination, destination.Length, _options.LocalPort, _options.RemotePort, tag);
            alone.Add(chunk);
            return alone.Finish();
        }

        if (State is SctpState.Closed or SctpState.Ended)
        {
            return 0;
        }

        if (!IsOpen)
        {
            return PollHandshake(destination, now);
        }

        if (_pathMtu.NextProbe(now) is { } probe)
        {
            var padded = new PacketWriter(destination, probe, _options.LocalPort, _options.RemotePort, _peerTag);
            _heartbeats.WriteProbe(ref padded, probe, now);
            WasProbe = true;
            return padded.Finish();
        }

        var writer = new PacketWriter(destination, _pathMtu.Current, _options.LocalPort, _options.RemotePort, _peerTag);
        Write(ref writer, now);
        return writer.IsEmpty ? 0 : writer.Finish();
    }

    /// <summary>Does what is due by time; call it at <see cref="NextTimeout"/>, or whenever.</summary>
    public void Tick(TimeSpan now)
    {
        if (now >= _handshakeDeadline)
        {
            OnHandshakeTimeout(now);
        }

        if (!IsOpen)
        {
            return;
        }

        _sender.Tick(now);
        _resets.Tick(now);
        if (_pathMtu.OnTimeouts(_sender.Timeouts, now))
        {
            _sender.Resize(_pathMtu.Current);
        }

        if (_sender.Timeouts > _options.MaxRetransmissions || _heartbeats.Unanswered > _options.MaxRetransmissions || _resets.Unanswered > _options.MaxRetransmissions)
        {
            Fail(SctpFailure.NoAnswer, abortCause: null);
        }
    }

    private void Write(ref PacketWriter writer, TimeSpan now)
    {
        _control.Write(ref writer);
        var mayCarryData = MaySendData && _control.IsEmpty;
        if (_acknowledgements.IsDue(now) || (_acknowledgements.IsPending && mayCarryData && !_sender.Queue.IsEmpty))
        {
            _acknowledgements.Write(ref writer);
        }

        _resets.Write(ref writer, now);
        if (mayCarryData)
        {
            _sender.Write(ref writer, now);
            TellWritable();
        }

        WriteShutdown(ref writer, now);
        if (writer.IsEmpty && now >= _heartbeats.Deadline && State == SctpState.Established)
        {
            _heartbeats.Write(ref writer, _sender.RoundTrip.Timeout, now);
        }
    }

    private void TellWritable()
    {
        if (_isAboveThreshold && BufferedBytes <= WritableThreshold)
        {
            _isAboveThreshold = false;
            _events.Add(new SctpEvent(SctpEventKind.Writable));
        }
    }

    private uint NewTag()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        uint tag;
        do
        {
            _fill(bytes);
            tag = BitConverter.ToUInt32(bytes);
        }
        while (tag == 0);

        return tag;
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
