using System.Text;

namespace Parley.Crypto.Tls;

/// <summary>The list of protocol names as ALPN carries it (RFC 7301, section 3.1): each name with its length in one byte before it.</summary>
internal static class AlpnOffer
{
    private const int MaxNameLength = 255;

    /// <summary>The names as ASCII.</summary>
    /// <exception cref="ArgumentException">A name is empty, longer than 255 bytes, or not ASCII.</exception>
    public static byte[][] Encode(IReadOnlyList<string> protocols)
    {
        foreach (var protocol in protocols)
        {
            if (protocol.Length is 0 or > MaxNameLength || !Ascii.IsValid(protocol))
            {
                throw new ArgumentException("The name of a protocol is 1 to 255 ASCII characters.", nameof(protocols));
            }
        }

        return [.. protocols.Select(Encoding.ASCII.GetBytes)];
    }

    /// <summary>The list on the wire.</summary>
    public static byte[] Write(IReadOnlyList<string> protocols) => [.. Encode(protocols).SelectMany(name => name.Prepend((byte)name.Length))];

    /// <summary>Where a name stands in a list, past its length; -1 when it does not. A list that is cut short ends there.</summary>
    public static int Find(ReadOnlySpan<byte> offer, ReadOnlySpan<byte> name)
    {
        for (var at = 0; at < offer.Length;)
        {
            var (start, length) = (at + 1, offer[at]);
            if (start + length > offer.Length)
            {
                return -1;
            }

            if (offer.Slice(start, length).SequenceEqual(name))
            {
                return start;
            }

            at = start + length;
        }

        return -1;
    }
}
