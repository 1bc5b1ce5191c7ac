using System.Net;

namespace Parley.Hub.Outbound;

/// <summary>The registries of special addresses (IANA, RFC 6890), and the addresses at which clouds serve metadata.</summary>
internal static class SpecialAddresses
{
    // Providers are named where the address says nothing by itself.
    private static readonly HashSet<IPAddress> _metadata =
    [
        IPAddress.Parse("169.254.169.254"),
        IPAddress.Parse("169.254.170.2"), // containers of Amazon
        IPAddress.Parse("169.254.170.23"), // pods of Amazon
        IPAddress.Parse("169.254.0.23"), // Tencent
        IPAddress.Parse("169.254.42.42"), // Scaleway
        IPAddress.Parse("100.100.100.200"), // Alibaba
        IPAddress.Parse("168.63.129.16"), // Azure, although it looks public
        IPAddress.Parse("192.0.0.192"), // Oracle
        IPAddress.Parse("fd00:ec2::254"),
        IPAddress.Parse("fd00:ec2::23"),
        IPAddress.Parse("fd20:ce::254"), // Google
        IPAddress.Parse("fd00:42::42"), // Scaleway
        IPAddress.Parse("fe80::a9fe:a9fe"), // OpenStack
    ];

    // The first that fits decides.
    private static readonly (IPNetwork Network, AddressKind Kind)[] _four =
    [
        (IPNetwork.Parse("0.0.0.0/8"), AddressKind.Unspecified),
        (IPNetwork.Parse("127.0.0.0/8"), AddressKind.Loopback),
        (IPNetwork.Parse("10.0.0.0/8"), AddressKind.Private),
        (IPNetwork.Parse("172.16.0.0/12"), AddressKind.Private),
        (IPNetwork.Parse("192.168.0.0/16"), AddressKind.Private),
        (IPNetwork.Parse("100.64.0.0/10"), AddressKind.SharedNat),
        (IPNetwork.Parse("169.254.0.0/16"), AddressKind.LinkLocal),
        (IPNetwork.Parse("192.0.0.0/24"), AddressKind.Reserved),
        (IPNetwork.Parse("192.0.2.0/24"), AddressKind.Documentation),
        (IPNetwork.Parse("198.51.100.0/24"), AddressKind.Documentation),
        (IPNetwork.Parse("203.0.113.0/24"), AddressKind.Documentation),
        (IPNetwork.Parse("192.88.99.0/24"), AddressKind.Reserved), // relays of 6to4
        (IPNetwork.Parse("198.18.0.0/15"), AddressKind.Reserved), // measurements
        (IPNetwork.Parse("224.0.0.0/4"), AddressKind.Multicast),
        (IPNetwork.Parse("255.255.255.255/32"), AddressKind.Multicast),
        (IPNetwork.Parse("240.0.0.0/4"), AddressKind.Reserved),
        (IPNetwork.Parse("0.0.0.0/0"), AddressKind.Public),
    ];

    private static readonly (IPNetwork Network, AddressKind Kind)[] _six =
    [
        (IPNetwork.Parse("::/128"), AddressKind.Unspecified),
        (IPNetwork.Parse("::1/128"), AddressKind.Loopback),
        (IPNetwork.Parse("fe80::/10"), AddressKind.LinkLocal),
        (IPNetwork.Parse("fec0::/10"), AddressKind.Private),
        (IPNetwork.Parse("fc00::/7"), AddressKind.Private),
        (IPNetwork.Parse("64:ff9b:1::/48"), AddressKind.Private),
        (IPNetwork.Parse("ff00::/8"), AddressKind.Multicast),
        (IPNetwork.Parse("2001:db8::/32"), AddressKind.Documentation),
        (IPNetwork.Parse("3fff::/20"), AddressKind.Documentation),
        (IPNetwork.Parse("2001::/23"), AddressKind.Reserved), // protocols
        (IPNetwork.Parse("3ffe::/16"), AddressKind.Reserved),
        (IPNetwork.Parse("2000::/3"), AddressKind.Public),
        (IPNetwork.Parse("::/0"), AddressKind.Reserved),
    ];

    /// <summary>What an address is for, taken as it stands: what it may carry inside is <see cref="EmbeddedAddresses"/>' business.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var bare = new IPAddress(bytes); // without the zone of a link-local address, which no network contains
        return _metadata.Contains(bare) ? AddressKind.Metadata : (bytes.Length == 4 ? _four : _six).First(row => row.Network.Contains(bare)).Kind;
    }
}
