using System.Buffers.Binary;
using System.Security.Cryptography;
using Parley.Protocol.Messaging;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp.Path;

/// <summary>Asks whether the peer is there while nothing else does, and carries the probes of <see cref="PathMtu"/>.</summary>
/// <remarks>
/// HEARTBEAT's one parameter, heartbeat info 1: random (8) | sent at, ticks (8) | bytes of the packet if it is a probe, else 0 (4), big endian. The peer sends it
/// back as it is; only the last one of each kind counts.
/// </remarks>
internal sealed class Heartbeats(SctpOptions options, FillRandom fill)
{
    private const ushort InfoParameter = 1;
    private const int InfoBytes = 20;
    private const int ChunkBytes = (2 * ChunkReader.HeaderBytes) + InfoBytes;

    private readonly byte[] _asked = new byte[InfoBytes];
    private readonly byte[] _probed = new byte[InfoBytes];
    private bool _isAsked;
    private bool _isProbed;

    /// <summary>When the next one is due.</summary>
    public TimeSpan Deadline { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Heartbeats without an answer.</summary>
    public int Unanswered { get; private set; }

    /// <summary>The peer was heard: no need to ask for a while.</summary>
    public void OnHeard(TimeSpan now) => (Deadline, _isAsked, Unanswered) = (now + options.HeartbeatInterval, false, 0);

    /// <summary>Writes a heartbeat and waits for its answer as long as the timeout says.</summary>
    public void Write(ref PacketWriter writer, TimeSpan timeout, TimeSpan now)
    {
        Unanswered += _isAsked ? 1 : 0;
        _isAsked = true;
        Write(ref writer, _asked, 0, now);
        Deadline = now + timeout;
    }

    /// <summary>Writes a heartbeat and pads the packet to a size.</summary>
    public void WriteProbe(ref PacketWriter writer, int bytes, TimeSpan now)
    {
        _isProbed = true;
        Write(ref writer, _probed, bytes, now);
        var padding = bytes - writer.Length - ChunkReader.HeaderBytes;
        if (padding >= 0)
        {
            writer.Add(ChunkType.Pad, 0, padding).Clear();
        }
    }

    /// <summary>Takes an answer.</summary>
    /// <param name="value">Value of the HEARTBEAT ACK.</param>
    /// <param name="now">The time.</param>
    /// <param name="sample">The round trip.</param>
    /// <returns>Bytes of the probe that it answers, 0 for a plain heartbeat, null when it answers neither.</returns>
    public int? OnAnswer(ReadOnlySpan<byte> value, TimeSpan now, out TimeSpan sample)
    {
        sample = default;
        if (value.Length != ChunkReader.HeaderBytes + InfoBytes)
        {
            return null;
        }

        var info = value[ChunkReader.HeaderBytes..];
        var isProbe = _isProbed && CryptographicOperations.FixedTimeEquals(info, _probed);
        if (!isProbe && !(_isAsked && CryptographicOperations.FixedTimeEquals(info, _asked)))
        {
            return null;
        }

        _isProbed &= !isProbe;
        OnHeard(now);
        sample = now - new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(info[8..]));
        return BinaryPrimitives.ReadInt32BigEndian(info[16..]);
    }

    private void Write(ref PacketWriter writer, byte[] info, int bytes, TimeSpan now)
    {
        fill(info.AsSpan(0, 8));
        BinaryPrimitives.WriteInt64BigEndian(info.AsSpan(8), now.Ticks);
        BinaryPrimitives.WriteInt32BigEndian(info.AsSpan(16), bytes);
        var value = writer.Add(ChunkType.Heartbeat, 0, ChunkBytes - ChunkReader.HeaderBytes);
        BinaryPrimitives.WriteUInt16BigEndian(value, InfoParameter);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], ChunkReader.HeaderBytes + InfoBytes);
        info.CopyTo(value[ChunkReader.HeaderBytes..]);
    }
}
