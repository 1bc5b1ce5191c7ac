using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Sending;

/// <summary>Everything about data on its way out: what goes into the next packet, what an acknowledgement means, what a timer does.</summary>
internal sealed partial class DataSender
{
    private readonly SctpOptions _options;
    private readonly OutstandingChunks _chunks = new();
    private readonly TsnBitmap _received = new();
    private readonly RoundTrip _roundTrip;
    private readonly LossDetection _loss;
    private readonly CongestionControl _congestion;
    private readonly Abandonment _abandonment;
    private int _packetBytes;
    private long _peerWindow;
    private long _packet;
    private TimeSpan _timer = TimeSpan.MaxValue;
    private TimeSpan _lastSent;
    private int _probes;
    private bool _mayExceed;
    private bool _isHeard;
    private bool _isRepairing;

    /// <summary>Makes a sender with nothing to send.</summary>
    public DataSender(SctpOptions options, BufferPool pool)
    {
        _options = options;
        _packetBytes = options.StartPacketBytes;
        _roundTrip = new RoundTrip(options);
        _congestion = new CongestionControl(_roundTrip, _packetBytes);
        _loss = new LossDetection(_chunks, _roundTrip);
        Queue = new SendQueue(pool);
        _abandonment = new Abandonment(_chunks, Queue);
    }

    /// <summary>What waits for its first transmission.</summary>
    public SendQueue Queue { get; }

    /// <summary>The round trip of the path.</summary>
    public RoundTrip RoundTrip => _roundTrip;

    /// <summary>Nothing waits and nothing is outstanding.</summary>
    public bool IsDrained => Queue.IsEmpty && _chunks.Count == 0;

    /// <summary>The last TSN that was given to a chunk.</summary>
    public uint LastTsn => _chunks.Next - 1;

    /// <summary>The last TSN that the peer has in order.</summary>
    public uint Acknowledged => _chunks.First - 1;

    /// <summary>Bytes that were sent and are not acknowledged.</summary>
    public long OutstandingBytes => _chunks.InFlightBytes + _chunks.LostBytes;

    /// <summary>Bytes that may be in flight.</summary>
    public long CongestionWindow => _congestion.Window;

    /// <summary>Timeouts since the peer was heard.</summary>
    public int Timeouts { get; private set; }

    /// <summary>Chunks sent again since the beginning.</summary>
    public long Retransmitted { get; private set; }

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public TimeSpan Deadline
    {
        get
        {
            var probe = ProbeDeadline;
            var earliest = _timer < probe ? _timer : probe;
            return earliest < _loss.Deadline ? earliest : _loss.Deadline;
        }
    }

    /// <summary>Begins with what both ends told of themselves.</summary>
    public void Start(uint firstTsn, uint peerWindow, bool mayAbandon, TimeSpan now)
    {
        while (_chunks.Count > 0)
        {
            RemoveFirst();
        }

        _chunks.Reset(firstTsn);
        _loss.Reset(firstTsn);
        _abandonment.Start(mayAbandon, firstTsn);
        (_peerWindow, _timer, _lastSent, Timeouts, _probes, _mayExceed) = (peerWindow, TimeSpan.MaxValue, now, 0, 0, false);
    }

    /// <summary>The path takes packets of another size.</summary>
    public void Resize(int packetBytes)
    {
        _packetBytes = packetBytes;
        _congestion.Resize(packetBytes);
    }

    /// <summary>Fills a packet with what is due: what the receiver need not wait for, what was lost, what is new.</summary>
    /// <param name="writer">The packet.</param>
    /// <param name="now">The time.</param>
    public void Write(ref PacketWriter writer, TimeSpan now)
    {
        if (_chunks.Count == 0 && Queue.IsEmpty)
        {
            return;
        }

        _packet++;
        var before = writer.Length;
        _abandonment.Write(ref writer);
        var hasData = false;
        while (TryWriteLost(ref writer, ref hasData, now))
        {
        }

        while (_chunks.FirstLost is null && TryWriteNew(ref writer, ref hasData, now))
        {
        }

        if (writer.Length > before)
        {
            _lastSent = now;
            _timer = _timer == TimeSpan.MaxValue ? now + _roundTrip.Timeout : _timer;
        }
    }

    /// <summary>Does what is due.</summary>
    public void Tick(TimeSpan now)
    {
        if (now >= _loss.Deadline)
        {
            FindLost(now);
        }

        if (now >= _timer)
        {
            OnTimeout(now);
        }
        else if (now >= ProbeDeadline)
        {
            ProbeTail();
        }
    }

    private TimeSpan ProbeDeadline =>
        _probes == LossDetection.MaxProbes || _chunks.FirstLost is not null ? TimeSpan.MaxValue : _loss.ProbeDeadline(_probes);

    private bool TryWriteLost(ref PacketWriter writer, ref bool hasData, TimeSpan now)
    {
        if (_chunks.FirstLost is not { } tsn)
        {
            return false;
        }

        ref var chunk = ref _chunks.At(tsn);
        if (_abandonment.MustAbandon(chunk.Message, chunk.Retransmits, now))
        {
            _abandonment.Abandon(chunk.Message);
            _abandonment.Write(ref writer);
            return true;
        }

        if (!Fits(in writer, ChunkReader.Padded(DataChunk.HeaderBytes + chunk.Length), hasData) || !MaySend() || (_peerWindow == 0 && _chunks.InFlightBytes > 0))
        {
            return false;
        }

        var message = chunk.Message;
        var flags = (byte)(chunk.Flags | (_probes > 0 || _congestion.Window < 4 * _packetBytes ? DataChunk.Immediate : 0));
        DataChunk.Write(ref writer, flags, tsn, message.Stream.Id, message.Ssn, message.ProtocolId, message.Buffer.AsSpan(chunk.Offset, chunk.Length));
        _timer = tsn == _chunks.First ? now + _roundTrip.Timeout : _timer;
        _chunks.MarkSent(tsn, _packet, now);
        (hasData, _mayExceed) = (true, false);
        Retransmitted++;
        return true;
    }

    private bool TryWriteNew(ref PacketWriter writer, ref bool hasData, TimeSpan now)
    {
        if (Queue.IsEmpty)
        {
            return false;
        }

        if (_chunks.Count == 0 && now - _lastSent > _roundTrip.Timeout)
        {
            _congestion.OnIdle(now - _lastSent);
            _lastSent = now;
        }

        if (_chunks.Count >= OutstandingChunks.MaxCount || OutstandingBytes >= _options.MaxOutstandingBytes || !MaySend() || Queue.Peek(now) is not { } message)
        {
            return false;
        }

        var (left, room, most) = (message.Length - message.Sent, writer.Room - DataChunk.HeaderBytes, _packetBytes - PacketWriter.HeaderBytes - DataChunk.HeaderBytes);
        // A small fragment to fill up a packet would cost a header and a chunk more: a new packet is cheaper.
        if (room <= 0 || (left > room && room < most / 2) || !HasWindow(Math.Min(left, room), now))
        {
            return false;
        }

        WriteFragment(ref writer, message, Math.Min(left, room), now);
        (hasData, _mayExceed) = (true, false);
        return true;
    }

    private void WriteFragment(ref PacketWriter writer, OutgoingMessage message, int length, TimeSpan now)
    {
        var (offset, isLast) = (message.Sent, message.Sent + length == message.Length);
        var flags = (byte)((offset == 0 ? DataChunk.Begin : 0) | (isLast ? DataChunk.End : 0) | (message.IsUnordered ? DataChunk.Unordered : 0));
        var tsn = _chunks.Add(new OutstandingChunk { Message = message, Offset = offset, Length = length, Flags = flags, Packet = _packet, SentAt = now });
        message.FirstTsn = offset == 0 ? tsn : message.FirstTsn;
        (message.Fragments, message.Kept) = (message.Fragments + 1, message.Kept + 1);
        Queue.Advance(length);

        // With nothing behind it, and no acknowledgement that its successor would bring, the peer should not wait to answer.
        var isUrgent = (isLast && Queue.IsEmpty) || _congestion.Window < 4 * _packetBytes;
        var wire = (byte)(flags | (isUrgent ? DataChunk.Immediate : 0));
        DataChunk.Write(ref writer, wire, tsn, message.Stream.Id, message.Ssn, message.ProtocolId, message.Buffer.AsSpan(offset, length));
    }

    // A chunk from before the path shrank goes alone, beyond the limit: it cannot be cut again.
    private bool Fits(in PacketWriter writer, int bytes, bool hasData) =>
        bytes <= writer.Room || (!hasData && bytes > _packetBytes - PacketWriter.HeaderBytes && bytes <= writer.Capacity);

    private bool MaySend() => _chunks.InFlightBytes < _congestion.Window || _chunks.InFlightBytes == 0 || _mayExceed;

    // A closed window is tried with one chunk a timeout, since the word that it opened may be lost (RFC 9260, section 6.1, rule A).
    private bool HasWindow(int length, TimeSpan now)
    {
        if (length <= _peerWindow - OutstandingBytes || (OutstandingBytes == 0 && (_peerWindow > 0 || _mayExceed)))
        {
            return true;
        }

        _timer = _timer == TimeSpan.MaxValue ? now + _roundTrip.Timeout : _timer;
        return false;
    }

    private void FindLost(TimeSpan now)
    {
        var (bytes, newest) = (0L, 0L);
        while (_loss.NextLost(now) is { } tsn)
        {
            bytes += _chunks.At(tsn).Length;
            newest = Math.Max(newest, _chunks.At(tsn).Packet);
            _chunks.MarkLost(tsn);
        }

        if (bytes > 0)
        {
            // The first retransmission does not wait for room in the window (fast retransmit).
            _mayExceed |= !_isRepairing;
            _isRepairing = true;
            _congestion.OnLost(bytes, newest, _packet);
        }
        else if (_isRepairing && _chunks.FirstLost is null)
        {
            _isRepairing = false;
            _loss.OnRepaired();
        }
    }

    private void ProbeTail()
    {
        _probes++;
        if (_chunks.NewestInFlight is { } newest && !_abandonment.MustAbandon(_chunks.At(newest).Message, _chunks.At(newest).Retransmits, TimeSpan.MinValue))
        {
            _mayExceed = true;
            _chunks.MarkLost(newest);
        }
    }

    private void OnTimeout(TimeSpan now)
    {
        var isWindowClosed = _peerWindow == 0 && _isHeard;
        Timeouts += isWindowClosed ? 0 : 1;
        _isHeard = false;
        _roundTrip.BackOff();
        if (_chunks.Count > 0 && !isWindowClosed)
        {
            _congestion.OnTimeout(_packet);
        }

        while (_chunks.OldestInFlight is { } oldest)
        {
            _chunks.MarkLost(oldest);
        }

        _abandonment.Repeat();
        (_mayExceed, _probes) = (true, LossDetection.MaxProbes);
        _timer = _chunks.Count > 0 || !Queue.IsEmpty ? now + _roundTrip.Timeout : TimeSpan.MaxValue;
    }
}
