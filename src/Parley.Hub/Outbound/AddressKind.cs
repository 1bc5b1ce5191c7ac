namespace Parley.Hub.Outbound;

/// <summary>What an IP address is for, as far as calling it matters.</summary>
internal enum AddressKind
{
    /// <summary>Reachable from anywhere.</summary>
    Public,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>A network of somebody's own: RFC 1918, unique local and site-local addresses, the local NAT64 prefix.</summary>
    Private,

    /// <summary>Between a provider and its customers (RFC 6598).</summary>
    SharedNat,

    /// <summary>This cable.</summary>
    LinkLocal,

    /// <summary>A service that hands credentials of the machine to whoever asks from it.</summary>
    Metadata,

    /// <summary>Several machines at once, broadcast included.</summary>
    Multicast,

    /// <summary>No address at all: 0.0.0.0/8 and <c>::</c>, which systems take for loopback.</summary>
    Unspecified,

    /// <summary>For examples in texts.</summary>
    Documentation,

    /// <summary>Set aside for protocols, measurements or the future.</summary>
    Reserved,
}
