using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Parley.WebRtc.Channels;

/// <summary>How a data channel is opened: messages of the Data Channel Establishment Protocol (RFC 8832, section 5).</summary>
/// <remarks>
/// OPEN, big endian: 3 (1) | channel type (1) | priority (2) | reliability parameter (4) | label length (2) | protocol length (2) | label | protocol, both UTF-8.
/// Channel type: 0 reliable, 1 limited retransmissions, 2 limited lifetime in ms; with 0x80 unordered. ACK is the single byte 2.
/// </remarks>
internal static class DcepMessage
{
    /// <summary>Payload protocol identifier of these messages.</summary>
    public const uint ProtocolId = 50;

    private const byte AckType = 2;
    private const byte OpenType = 3;
    private const int FixedBytes = 12;
    private const byte UnorderedFlag = 0x80;
    private const byte Reliable = 0;
    private const byte LimitedRetransmits = 1;
    private const byte LimitedLifetime = 2;

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The answer to an OPEN.</summary>
    public static ReadOnlySpan<byte> Ack => [AckType];

    /// <summary>Whether the bytes are an ACK.</summary>
    public static bool IsAck(ReadOnlySpan<byte> bytes) => bytes is [AckType];

    /// <summary>The OPEN for a channel.</summary>
    public static byte[] Open(DataChannelOptions options)
    {
        var (label, protocol) = (Encoding.UTF8.GetBytes(options.Label), Encoding.UTF8.GetBytes(options.Protocol));
        var (type, parameter) = options switch
        {
            { MaxRetransmits: { } count } => (LimitedRetransmits, (uint)count),
            { Lifetime: { } lifetime } => (LimitedLifetime, (uint)Math.Min(uint.MaxValue, lifetime.TotalMilliseconds)),
            _ => (Reliable, 0u),
        };
        var bytes = new byte[FixedBytes + label.Length + protocol.Length];
        bytes[0] = OpenType;
        bytes[1] = (byte)(type | (options.IsOrdered ? 0 : UnorderedFlag));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), options.Priority);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), parameter);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8), (ushort)label.Length);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)protocol.Length);
        label.CopyTo(bytes, FixedBytes);
        protocol.CopyTo(bytes, FixedBytes + label.Length);
        return bytes;
    }

    /// <summary>Reads an OPEN.</summary>
    /// <returns>False when it is anything else, or its texts are too long or no UTF-8.</returns>
    public static bool TryReadOpen(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DataChannelOptions? options)
    {
        options = null;
        if (bytes.Length < FixedBytes || bytes[0] != OpenType)
        {
            return false;
        }

        var (label, protocol) = (BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]));
        if (bytes.Length != FixedBytes + label + protocol || label > DataChannelOptions.MaxTextBytes || protocol > DataChannelOptions.MaxTextBytes)
        {
            return false;
        }

        var parameter = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        var type = bytes[1] & ~UnorderedFlag;
        if (type > LimitedLifetime || !TryText(bytes.Slice(FixedBytes, label), out var name) || !TryText(bytes[(FixedBytes + label)..], out var sub))
        {
            return false;
        }

        options = new DataChannelOptions
        {
            Label = name,
            Protocol = sub,
            IsOrdered = (bytes[1] & UnorderedFlag) == 0,
            MaxRetransmits = type == LimitedRetransmits ? (int)Math.Min(int.MaxValue, parameter) : null,
            Lifetime = type == LimitedLifetime ? TimeSpan.FromMilliseconds(parameter) : null,
            Priority = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        };
        return true;
    }

    private static bool TryText(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = _strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = null;
            return false;
        }
    }
}
