using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp;

/// <summary>What comes in: which packets are believed (RFC 9260, section 8.5), and which chunk goes where.</summary>
public sealed partial class SctpAssociation
{
    private const int LeastPacket = PacketWriter.HeaderBytes + ChunkReader.HeaderBytes;
    private const int MaxReportedChunk = 256;

    /// <summary>Packets that were dropped unread: damaged, or not of this association.</summary>
    public long IgnoredPackets { get; private set; }

    /// <summary>Takes a packet.</summary>
    public void Receive(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        if (packet.Length < LeastPacket
            || BinaryPrimitives.ReadUInt16BigEndian(packet) != _options.RemotePort
            || BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != _options.LocalPort
            || BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]) != Crc32c.OfPacket(packet))
        {
            IgnoredPackets++;
            return;
        }

        var tag = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var reader = new ChunkReader(packet[PacketWriter.HeaderBytes..]);
        if (!reader.MoveNext() || !IsBelieved(in reader, tag))
        {
            IgnoredPackets++;
            return;
        }

        if (IsOpen)
        {
            _heartbeats.OnHeard(now);
        }

        var (hasData, isUrgent) = (false, false);
        do
        {
            if (reader.Type == ChunkType.Data)
            {
                hasData |= OnData(in reader, ref isUrgent);
            }
            else if (!OnControl(in reader, tag, now))
            {
                break;
            }
        }
        while (State != SctpState.Ended && reader.MoveNext());

        if (hasData && IsOpen)
        {
            _acknowledgements.OnPacket(isUrgent, now);
            _resets.Resume();
            _isHandshakeDue |= State == SctpState.ShutdownSent;
        }
    }

    // INIT has no tag yet and comes alone; a cookie brings the tag that it was made for; an end that has forgotten the association reflects our own tag.
    private bool IsBelieved(in ChunkReader first, uint tag) => first.Type switch
    {
        ChunkType.Init => tag == 0,
        ChunkType.CookieEcho => true,
        ChunkType.Abort or ChunkType.ShutdownComplete when (first.Flags & 1) != 0 => State != SctpState.Closed && tag == _peerTag && tag != 0,
        _ => State != SctpState.Closed && tag == _localTag,
    };

    private bool OnData(in ChunkReader reader, ref bool isUrgent)
    {
        if (!IsOpen || State == SctpState.ShutdownAckSent)
        {
            return false;
        }

        if (!DataChunk.TryRead(reader.Flags, reader.Value, out var chunk))
        {
            Fail(SctpFailure.ProtocolViolation, ErrorCause.NoUserData);
            return false;
        }

        if (chunk.Stream >= _options.MaxStreams)
        {
            Span<byte> details = [(byte)(chunk.Stream >> 8), (byte)chunk.Stream, 0, 0];
            _control.Add(ErrorCause.Chunk(ChunkType.Error, 0, ErrorCause.InvalidStream, details));
        }

        var failure = _receiver.Take(in chunk, ref isUrgent);
        if (failure != SctpFailure.None)
        {
            Fail(failure, failure == SctpFailure.MessageTooLarge ? ErrorCause.OutOfResource : ErrorCause.ProtocolViolation);
        }

        return true;
    }

    // False: the rest of the packet is not to be read.
    private bool OnControl(in ChunkReader reader, uint tag, TimeSpan now)
    {
        var value = reader.Value;
        switch (reader.Type)
        {
            case ChunkType.Init:
                OnInit(value, now);
                return false;
            case ChunkType.InitAck:
                OnInitAck(value, now);
                return false;
            case ChunkType.CookieEcho:
                OnCookieEcho(value, tag, now);
                return tag == _localTag && IsOpen;
            case ChunkType.CookieAck:
                OnCookieAck(now);
                return true;
            case ChunkType.Abort:
                Fail(SctpFailure.PeerAborted, abortCause: null);
                return false;
            case ChunkType.Error:
                if (ErrorCause.Contains(value, ErrorCause.StaleCookie))
                {
                    OnStaleCookie(now);
                }

                return true;
            case ChunkType.ShutdownAck:
                OnShutdownAck();
                return false;
            case ChunkType.ShutdownComplete:
                OnShutdownComplete();
                return false;
            default:
                return !IsOpen || OnOpenControl(in reader, value, now);
        }
    }

    private bool OnOpenControl(in ChunkReader reader, ReadOnlySpan<byte> value, TimeSpan now)
    {
        switch (reader.Type)
        {
            case ChunkType.Sack:
                return SackChunk.TryRead(value, out var sack) && Check(_sender.OnSack(in sack, now));
            case ChunkType.Heartbeat:
                OnHeartbeat(reader.Whole);
                return true;
            case ChunkType.HeartbeatAck:
                OnHeartbeatAck(value, now);
                return true;
            case ChunkType.Shutdown when value.Length >= sizeof(uint):
                OnShutdown(BinaryPrimitives.ReadUInt32BigEndian(value), now);
                return true;
            case ChunkType.ForwardTsn when value.Length >= sizeof(uint):
                return OnForwardTsn(value, now);
            case ChunkType.Reconfig:
                _resets.OnChunk(value);
                return true;
            case ChunkType.Pad or ChunkType.Shutdown or ChunkType.ForwardTsn:
                return true;
            default:
                return OnUnknown(in reader);
        }
    }

    private bool OnForwardTsn(ReadOnlySpan<byte> value, TimeSpan now)
    {
        var failure = _receiver.Skip(value);
        if (failure != SctpFailure.None)
        {
            Fail(failure, ErrorCause.ProtocolViolation);
            return false;
        }

        _acknowledgements.OnPacket(isUrgent: true, now);
        _resets.Resume();
        return true;
    }

    // The two highest bits of the type say what whoever does not know it should do.
    private bool OnUnknown(in ChunkReader reader)
    {
        if ((reader.Type & 0x40) != 0 && reader.Whole.Length <= MaxReportedChunk)
        {
            _control.Add(ErrorCause.Chunk(ChunkType.Error, 0, ErrorCause.UnrecognizedChunk, reader.Whole));
        }

        return (reader.Type & 0x80) != 0;
    }

    private void OnHeartbeat(ReadOnlySpan<byte> whole)
    {
        var answer = whole.ToArray();
        answer[0] = ChunkType.HeartbeatAck;
        if (PacketWriter.HeaderBytes + ChunkReader.Padded(answer.Length) <= _pathMtu.Current)
        {
            _control.Add(answer);
        }
    }

    private void OnHeartbeatAck(ReadOnlySpan<byte> value, TimeSpan now)
    {
        if (_heartbeats.OnAnswer(value, now, out var sample) is not { } bytes)
        {
            return;
        }

        _sender.RoundTrip.Sample(sample, now);
        if (bytes > 0 && _pathMtu.OnAnswered(bytes, now))
        {
            _sender.Resize(_pathMtu.Current);
        }
    }

    // An acknowledgement of what was never sent: the peer is confused or malicious (section 6.2.1).
    private bool Check(bool isPossible)
    {
        if (!isPossible)
        {
            Fail(SctpFailure.ProtocolViolation, ErrorCause.ProtocolViolation);
        }

        return isPossible;
    }
}
