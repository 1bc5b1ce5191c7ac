using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Protocol.Stun;

/// <summary>Writes one STUN message into a buffer of the caller's. Integrity and fingerprint go last, in this order.</summary>
/// <remarks>What does not fit the buffer is an error of the caller's (<see cref="ArgumentOutOfRangeException"/> of a slice).</remarks>
[SuppressMessage("Performance", "CA1815", Justification = "A ref struct is never compared.")]
public ref struct StunWriter
{
    /// <summary>Bytes of USERNAME at most (RFC 8489, section 14.3: fewer than 509).</summary>
    public const int MaxUserNameBytes = 508;

    /// <summary>Bytes of REALM and of NONCE at most (RFC 8489, sections 14.9 and 14.10: fewer than 128 letters, which are no more than 763 bytes).</summary>
    public const int MaxTextBytes = 763;

    /// <summary>Room that is enough for every message without data: a request of TURN with the longest name, realm and nonce, an IPv6 address, a channel, and a signature of either kind.</summary>
    public const int UsualRoom = StunMessage.HeaderSize
        + Attribute + MaxUserNameBytes + (2 * (Attribute + MaxTextBytes + 1))
        + Attribute + AddressBytes + Attribute + ChannelBytes
        + Attribute + HMACSHA256.HashSizeInBytes + Attribute + FingerprintBytes;

    private const int Attribute = 4;
    private const int AddressBytes = 20;
    private const int ChannelBytes = 4;
    private const int FingerprintBytes = 4;

    private readonly Span<byte> _buffer;

    /// <summary>Begins a message.</summary>
    public StunWriter(Span<byte> buffer, StunClass kind, StunMethod method, StunTransactionId transaction)
    {
        _buffer = buffer;
        var (type, bits) = ((int)method, (int)kind);
        BinaryPrimitives.WriteUInt16BigEndian(
            buffer, (ushort)((type & 0x0F) | ((type & 0x70) << 1) | ((type & 0xF80) << 2) | ((bits & 1) << 4) | ((bits & 2) << 7)));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.Cookie);
        transaction.Write(buffer[8..]);
        Length = StunMessage.HeaderSize;
    }

    /// <summary>Bytes written so far; the message is whole after every call.</summary>
    public int Length { get; private set; }

    /// <summary>The message.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Any attribute.</summary>
    public void Add(StunAttribute type, scoped ReadOnlySpan<byte> value)
    {
        var room = Begin(type, value.Length);
        value.CopyTo(room);
    }

    /// <summary>Text in UTF-8.</summary>
    public void Add(StunAttribute type, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Encoding.UTF8.GetBytes(text, Begin(type, Encoding.UTF8.GetByteCount(text)));
    }

    /// <summary>Four bytes.</summary>
    public void Add(StunAttribute type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Begin(type, 4), value);

    /// <summary>Eight bytes.</summary>
    public void Add(StunAttribute type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Begin(type, 8), value);

    /// <summary>An address, masked or not, as the type says: zero (1), family (1), port (2), address (4 or 16).</summary>
    public void Add(StunAttribute type, TransportAddress address)
    {
        var value = Begin(type, 4 + address.AddressSize);
        value[0] = 0;
        value[1] = (byte)(address.IsIPv6 ? 2 : 1);
        address.WriteAddress(value[4..]);
        int port = address.Port;
        if (type is StunAttribute.XorMappedAddress or StunAttribute.XorPeerAddress or StunAttribute.XorRelayedAddress)
        {
            port ^= (int)(StunMessage.Cookie >> 16);
            for (var index = 4; index < value.Length; index++)
            {
                value[index] ^= _buffer[index];
            }
        }

        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)port);
    }

    /// <summary>ERROR-CODE.</summary>
    /// <param name="code">300 to 699.</param>
    /// <param name="reason">For people; may be empty.</param>
    public void AddError(int code, scoped ReadOnlySpan<byte> reason)
    {
        var value = Begin(StunAttribute.ErrorCode, 4 + reason.Length);
        BinaryPrimitives.WriteUInt16BigEndian(value, 0);
        value[2] = (byte)(code / 100);
        value[3] = (byte)(code % 100);
        reason.CopyTo(value[4..]);
    }

    /// <summary>UNKNOWN-ATTRIBUTES.</summary>
    public void AddUnknown(scoped ReadOnlySpan<ushort> types)
    {
        var value = Begin(StunAttribute.UnknownAttributes, types.Length * 2);
        for (var index = 0; index < types.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value[(index * 2)..], types[index]);
        }
    }

    /// <summary>MESSAGE-INTEGRITY over what was written.</summary>
    public void AddIntegrity(scoped ReadOnlySpan<byte> key) => Sign(StunAttribute.MessageIntegrity, key, HMACSHA1.HashSizeInBytes);

    /// <summary>MESSAGE-INTEGRITY-SHA256 over what was written.</summary>
    public void AddIntegritySha256(scoped ReadOnlySpan<byte> key) => Sign(StunAttribute.MessageIntegritySha256, key, HMACSHA256.HashSizeInBytes);

    /// <summary>FINGERPRINT; nothing may follow.</summary>
    public void AddFingerprint()
    {
        var at = Length;
        var value = Begin(StunAttribute.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(value, StunCrc.Of(_buffer[..at]));
    }

    private void Sign(StunAttribute type, scoped ReadOnlySpan<byte> key, int size)
    {
        var at = Length;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var count = StunIntegrity.Compute(_buffer[..at], key, size == HMACSHA256.HashSizeInBytes, mac);
        mac[..count].CopyTo(Begin(type, size));
    }

    /// <summary>Writes type, length and padding, and the message's new length.</summary>
    private Span<byte> Begin(StunAttribute type, int length)
    {
        var padded = (length + 3) & ~3;
        var room = _buffer.Slice(Length, 4 + padded);
        BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(room[2..], (ushort)length);
        room[(4 + length)..].Clear();
        Length += 4 + padded;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(Length - StunMessage.HeaderSize));
        return room.Slice(4, length);
    }
}
