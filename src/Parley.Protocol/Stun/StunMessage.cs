using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Parley.Protocol.Stun;

/// <summary>A STUN message as it was received: checked, and cut into attributes where it lies (RFC 8489).</summary>
/// <remarks>
/// Header of 20 bytes, big endian: type (2): two zero bits, then class and method interleaved | length of what follows, a multiple of 4 (2) |
/// magic cookie 0x2112A442 (4) | transaction id (12). Then attributes: type (2) | length without padding (2) | value | padding to a multiple of 4.
/// </remarks>
[SuppressMessage("Performance", "CA1815", Justification = "A ref struct is never compared.")]
public readonly ref struct StunMessage
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 20;

    /// <summary>Longest message that is read: what fits a large datagram of TURN's indications.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Attributes in one message at most.</summary>
    public const int MaxAttributes = 32;

    /// <summary>Longest message whose integrity is checked, as long as any that is written; a longer one counts as wrong.</summary>
    public const int MaxSignedBytes = StunWriter.UsualRoom;

    internal const uint Cookie = 0x2112A442;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _visibleEnd;
    private readonly int _sha1At;
    private readonly int _sha256At;

    private StunMessage(ReadOnlySpan<byte> bytes, int visibleEnd, int sha1At, int sha256At, bool hasFingerprint)
    {
        _bytes = bytes;
        _visibleEnd = visibleEnd;
        _sha1At = sha1At;
        _sha256At = sha256At;
        HasFingerprint = hasFingerprint;
    }

    /// <summary>Kind of message.</summary>
    public StunClass Class => (StunClass)(((_bytes[0] & 1) << 1) | ((_bytes[1] >> 4) & 1));

    /// <summary>What it is about.</summary>
    public StunMethod Method => (StunMethod)(((_bytes[0] & 0x3E) << 6) | ((_bytes[1] & 0xE0) >> 1) | (_bytes[1] & 0x0F));

    /// <summary>Joins request and answer.</summary>
    public StunTransactionId Transaction => StunTransactionId.Read(_bytes[8..]);

    /// <summary>A FINGERPRINT stands at the end; a wrong one would not have been parsed.</summary>
    public bool HasFingerprint { get; }

    /// <summary>MESSAGE-INTEGRITY of either kind stands in it; whether it is right is <see cref="IsIntegrityValid"/>'s answer.</summary>
    public bool HasIntegrity => _sha1At != 0 || _sha256At != 0;

    /// <summary>The whole message.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Checks a datagram's form.</summary>
    /// <returns>False when it is no whole message, or its FINGERPRINT is wrong.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (datagram.Length is < HeaderSize or > MaxBytes || datagram[0] > 3 || BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) != Cookie
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderSize || (datagram.Length & 3) != 0)
        {
            return false;
        }

        int at = HeaderSize, visibleEnd = 0, sha1At = 0, sha256At = 0, count = 0;
        var hasFingerprint = false;
        while (at < datagram.Length)
        {
            if (hasFingerprint || ++count > MaxAttributes)
            {
                return false;
            }

            var type = (StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            var next = at + 4 + ((length + 3) & ~3);
            if (next > datagram.Length)
            {
                return false;
            }

            switch (type)
            {
                case StunAttribute.MessageIntegrity when sha1At == 0 && sha256At == 0:
                    if (length != HMACSHA1.HashSizeInBytes)
                    {
                        return false;
                    }

                    sha1At = at;
                    break;
                case StunAttribute.MessageIntegritySha256 when sha256At == 0:
                    if (length != HMACSHA256.HashSizeInBytes)
                    {
                        return false;
                    }

                    sha256At = at;
                    break;
                case StunAttribute.Fingerprint:
                    if (length != 4 || next != datagram.Length || BinaryPrimitives.ReadUInt32BigEndian(datagram[(at + 4)..]) != StunCrc.Of(datagram[..at]))
                    {
                        return false;
                    }

                    hasFingerprint = true;
                    break;
            }

            if (visibleEnd == 0 && (sha1At | sha256At) != 0)
            {
                visibleEnd = at;
            }

            at = next;
        }

        message = new StunMessage(datagram, visibleEnd == 0 ? datagram.Length : visibleEnd, sha1At, sha256At, hasFingerprint);
        return true;
    }

    /// <summary>The first attribute of a type.</summary>
    public bool TryGet(StunAttribute type, out ReadOnlySpan<byte> value)
    {
        for (var at = HeaderSize; at < _visibleEnd;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]) == (ushort)type)
            {
                value = _bytes.Slice(at + 4, length);
                return true;
            }

            at += 4 + ((length + 3) & ~3);
        }

        value = default;
        return false;
    }

    /// <summary>An attribute stands in it.</summary>
    public bool Has(StunAttribute type) => TryGet(type, out _);

    /// <summary>An attribute of four bytes.</summary>
    public bool TryGetUInt32(StunAttribute type, out uint value)
    {
        value = 0;
        if (!TryGet(type, out var bytes) || bytes.Length != 4)
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    /// <summary>An attribute of eight bytes.</summary>
    public bool TryGetUInt64(StunAttribute type, out ulong value)
    {
        value = 0;
        if (!TryGet(type, out var bytes) || bytes.Length != 8)
        {
            return false;
        }

        value = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return true;
    }

    /// <summary>An address, masked or not, as its type says.</summary>
    public bool TryGetAddress(StunAttribute type, out TransportAddress address)
    {
        address = default;
        if (!TryGet(type, out var value) || value.Length < 8 || value[1] is not (1 or 2) || value.Length != (value[1] == 1 ? 8 : 20))
        {
            return false;
        }

        Span<byte> host = stackalloc byte[16];
        host = host[..(value.Length - 4)];
        value[4..].CopyTo(host);
        int port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        if (type is StunAttribute.XorMappedAddress or StunAttribute.XorPeerAddress or StunAttribute.XorRelayedAddress)
        {
            port ^= (int)(Cookie >> 16);
            for (var index = 0; index < host.Length; index++)
            {
                host[index] ^= _bytes[4 + index];
            }
        }

        address = TransportAddress.From(host, port);
        return true;
    }

    /// <summary>ERROR-CODE: 300 to 699, and the reason as it was written.</summary>
    public bool TryGetError(out int code, out ReadOnlySpan<byte> reason)
    {
        code = 0;
        reason = default;
        if (!TryGet(StunAttribute.ErrorCode, out var value) || value.Length < 4 || (value[2] & 7) is < 3 or > 6 || value[3] > 99)
        {
            return false;
        }

        code = ((value[2] & 7) * 100) + value[3];
        reason = value[4..];
        return true;
    }

    /// <summary>Attributes that must be understood and are not; the first of them, as far as there is room.</summary>
    /// <returns>How many were written.</returns>
    public int UnknownRequired(Span<ushort> unknown)
    {
        var count = 0;
        for (var at = HeaderSize; at < _visibleEnd && count < unknown.Length;)
        {
            var type = BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]);
            if (type < 0x8000 && !IsKnown((StunAttribute)type))
            {
                unknown[count++] = type;
            }

            at += 4 + ((BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]) + 3) & ~3);
        }

        return count;
    }

    /// <summary>MESSAGE-INTEGRITY stands in it and is right; of two kinds the stronger one counts.</summary>
    public bool IsIntegrityValid(ReadOnlySpan<byte> key)
    {
        var at = _sha256At != 0 ? _sha256At : _sha1At;
        if (at == 0 || at > MaxSignedBytes)
        {
            return false;
        }

        Span<byte> signed = stackalloc byte[MaxSignedBytes];
        signed = signed[..at];
        _bytes[..at].CopyTo(signed);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        mac = mac[..StunIntegrity.Compute(signed, key, _sha256At != 0, mac)];
        return CryptographicOperations.FixedTimeEquals(mac, _bytes.Slice(at + 4, mac.Length));
    }

    private static bool IsKnown(StunAttribute type) => type is
        StunAttribute.MappedAddress or StunAttribute.Username or StunAttribute.MessageIntegrity or StunAttribute.ErrorCode or StunAttribute.UnknownAttributes
        or StunAttribute.ChannelNumber or StunAttribute.Lifetime or StunAttribute.XorPeerAddress or StunAttribute.Data or StunAttribute.Realm or StunAttribute.Nonce
        or StunAttribute.XorRelayedAddress or StunAttribute.RequestedAddressFamily or StunAttribute.RequestedTransport or StunAttribute.DontFragment
        or StunAttribute.MessageIntegritySha256 or StunAttribute.XorMappedAddress or StunAttribute.Priority or StunAttribute.UseCandidate;
}
