using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>What an answer to an INIT lets the other end keep for us (RFC 9260, section 5.1.3): nothing is stored here until the cookie comes back.</summary>
/// <remarks>
/// 76 bytes, big endian: made at, ticks (8) | our tag (4) | peer's tag (4) | our initial TSN (4) | peer's initial TSN (4) | peer's window (4) | outbound streams
/// (2) | inbound streams (2) | extensions: forward TSN 1, reset 2 (1) | zero (3) | tie tags, ours and the peer's (4 + 4) | HMAC-SHA256 of all that (32).
/// </remarks>
internal readonly record struct StateCookie
{
    /// <summary>Bytes of a cookie.</summary>
    public const int Bytes = SignedBytes + HMACSHA256.HashSizeInBytes;

    private const int SignedBytes = 44;

    public TimeSpan MadeAt { get; init; }

    public uint LocalTag { get; init; }

    public uint PeerTag { get; init; }

    public uint LocalInitialTsn { get; init; }

    public uint PeerInitialTsn { get; init; }

    public uint PeerWindow { get; init; }

    public ushort OutboundStreams { get; init; }

    public ushort InboundStreams { get; init; }

    public bool HasForwardTsn { get; init; }

    public bool HasReconfig { get; init; }

    /// <summary>Our tag of the association that existed when the INIT came, else 0.</summary>
    public uint LocalTieTag { get; init; }

    /// <summary>The peer's tag of that association, else 0.</summary>
    public uint PeerTieTag { get; init; }

    /// <summary>Writes and signs.</summary>
    public void Write(Span<byte> cookie, ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteInt64BigEndian(cookie, MadeAt.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[8..], LocalTag);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[12..], PeerTag);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[16..], LocalInitialTsn);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[20..], PeerInitialTsn);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[24..], PeerWindow);
        BinaryPrimitives.WriteUInt16BigEndian(cookie[28..], OutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(cookie[30..], InboundStreams);
        cookie[32..36].Clear();
        cookie[32] = (byte)((HasForwardTsn ? 1 : 0) | (HasReconfig ? 2 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(cookie[36..], LocalTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(cookie[40..], PeerTieTag);
        HMACSHA256.HashData(key, cookie[..SignedBytes], cookie[SignedBytes..Bytes]);
    }

    /// <summary>Reads a cookie that this key signed.</summary>
    /// <returns>False for everything else.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out StateCookie cookie)
    {
        cookie = default;
        if (bytes.Length != Bytes)
        {
            return false;
        }

        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..SignedBytes], signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, bytes[SignedBytes..]))
        {
            return false;
        }

        cookie = new StateCookie
        {
            MadeAt = new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            LocalTag = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            PeerTag = BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            LocalInitialTsn = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
            PeerInitialTsn = BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]),
            PeerWindow = BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
            OutboundStreams = BinaryPrimitives.ReadUInt16BigEndian(bytes[28..]),
            InboundStreams = BinaryPrimitives.ReadUInt16BigEndian(bytes[30..]),
            HasForwardTsn = (bytes[32] & 1) != 0,
            HasReconfig = (bytes[32] & 2) != 0,
            LocalTieTag = BinaryPrimitives.ReadUInt32BigEndian(bytes[36..]),
            PeerTieTag = BinaryPrimitives.ReadUInt32BigEndian(bytes[40..]),
        };
        return true;
    }
}
