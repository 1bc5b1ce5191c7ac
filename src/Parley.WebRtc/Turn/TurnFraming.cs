using System.Buffers.Binary;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>How messages stand in a stream to or from a relay: one after the other, each saying its own length. Pure.</summary>
/// <remarks>A STUN message is 20 bytes and what its header says (RFC 8489, section 5); ChannelData is 4 bytes and what its header says, filled up to a multiple of 4 in streams (RFC 8656, section 12.5).</remarks>
public static class TurnFraming
{
    /// <summary>Bytes that say how long the message is.</summary>
    public const int LeadBytes = 4;

    /// <summary>Longest message with its filling.</summary>
    public const int MaxBytes = StunMessage.HeaderSize + ushort.MaxValue;

    private const int Step = 4;

    /// <summary>Reads the beginning of a message.</summary>
    /// <param name="lead">Its first <see cref="LeadBytes"/> bytes.</param>
    /// <param name="length">Its length.</param>
    /// <param name="filling">Bytes behind it that mean nothing.</param>
    /// <returns>False when no relay says this: where the next message begins is not known any more.</returns>
    public static bool TryRead(ReadOnlySpan<byte> lead, out int length, out int filling)
    {
        (length, filling) = (0, 0);
        if (lead.Length < LeadBytes)
        {
            return false;
        }

        var content = BinaryPrimitives.ReadUInt16BigEndian(lead[2..]);
        switch (StunDemultiplexer.Classify(lead))
        {
            case StunFraming.Stun when content % Step == 0:
                length = StunMessage.HeaderSize + content;
                return true;
            case StunFraming.Channel:
                length = ChannelData.HeaderSize + content;
                filling = FillingOf(length);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Bytes that follow a message of ours, zeros.</summary>
    public static int FillingOf(int length) => -length & (Step - 1);
}
