using System.Buffers.Binary;

namespace Parley.Protocol.Stun;

/// <summary>TURN's short framing of data between a client and its relay (RFC 8656, section 12.4).</summary>
/// <remarks>Channel number (2), 0x4000 to 0x4FFF | length of the data in bytes (2) | data. Over UDP nothing follows; over a stream up to three bytes of padding.</remarks>
public static class ChannelData
{
    /// <summary>Bytes before the data.</summary>
    public const int HeaderSize = 4;

    /// <summary>Lowest channel.</summary>
    public const int MinChannel = 0x4000;

    /// <summary>Highest channel.</summary>
    public const int MaxChannel = 0x4FFF;

    /// <summary>Reads the header of a datagram.</summary>
    /// <returns>False when it is none, or shorter than it says.</returns>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out int channel, out ReadOnlySpan<byte> data)
    {
        channel = 0;
        data = default;
        if (datagram.Length < HeaderSize)
        {
            return false;
        }

        channel = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        if (channel is < MinChannel or > MaxChannel || length > datagram.Length - HeaderSize)
        {
            return false;
        }

        data = datagram.Slice(HeaderSize, length);
        return true;
    }

    /// <summary>Writes the header for data that follows it.</summary>
    public static void WriteHeader(Span<byte> destination, int channel, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)channel);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
    }
}
