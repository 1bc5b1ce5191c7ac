using System.Net;

namespace Parley.Hub.Outbound;

/// <summary>IPv4 addresses that travel inside IPv6 ones: a packet to the outer address ends at the inner one.</summary>
internal static class EmbeddedAddresses
{
    private const int FullLength = 16;
    private const int TeredoServer = 4;
    private const int TeredoClient = 12;
    private const int LastFour = 12;

    private static readonly IPNetwork _compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork _translated = IPNetwork.Parse("::ffff:0:0:0/96");
    private static readonly IPNetwork _nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork _localNat64 = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork _sixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork _teredo = IPNetwork.Parse("2001::/32");

    /// <summary>What an address is another spelling of; null where it is itself. Its own kind says nothing then.</summary>
    /// <remarks>Mapped and compatible (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056).</remarks>
    public static IPAddress? Meant(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length != FullLength)
        {
            return null;
        }

        // Networks take a mapped address for an IPv4 one, so it is asked for first.
        var bare = new IPAddress(bytes);
        if (bare.IsIPv4MappedToIPv6)
        {
            return bare.MapToIPv4();
        }

        if (_sixToFour.Contains(bare))
        {
            return Four(bytes, 2, 3, 4, 5);
        }

        var isSpelling = _translated.Contains(bare) || _nat64.Contains(bare) ||
            (_compatible.Contains(bare) && !bare.Equals(IPAddress.IPv6Any) && !bare.Equals(IPAddress.IPv6Loopback));
        return isSpelling ? Four(bytes, LastFour, 13, 14, 15) : null;
    }

    /// <summary>What else packets may reach through an address that has a kind of its own: Teredo's two ends (RFC 4380), a local NAT64's target by each of its layouts
    /// (RFC 8215, RFC 6052 section 2.2), the host behind ISATAP (RFC 5214).</summary>
    public static IEnumerable<IPAddress> Behind(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length != FullLength)
        {
            yield break;
        }

        var bare = new IPAddress(bytes);
        if (IsTeredo(bare))
        {
            yield return Four(bytes, TeredoServer, 5, 6, 7);
            yield return new IPAddress([.. bytes[TeredoClient..].Select(one => (byte)~one)]);
        }
        else if (_localNat64.Contains(bare))
        {
            yield return Four(bytes, 6, 7, 9, 10);
            yield return Four(bytes, 7, 9, 10, 11);
            yield return Four(bytes, 9, 10, 11, 12);
            yield return Four(bytes, LastFour, 13, 14, 15);
        }
        else if (IsIsatap(bytes))
        {
            yield return Four(bytes, LastFour, 13, 14, 15);
        }
    }

    /// <summary>Whether an address is one of Teredo's, of which only the two ends count.</summary>
    public static bool IsTeredo(IPAddress address) => _teredo.Contains(address);

    // The interface's half is 0000:5efe or 0200:5efe, then the IPv4 address.
    private static bool IsIsatap(byte[] bytes) => bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;

    private static IPAddress Four(byte[] bytes, int first, int second, int third, int fourth) => new([bytes[first], bytes[second], bytes[third], bytes[fourth]]);
}
