using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>Which addresses are offered and taken, and which two go together (RFC 8445, sections 5.1.1.1 and 6.1.2.2; RFC 8421).</summary>
public static class AddressPolicy
{
    private const int Highest = ushort.MaxValue;

    /// <summary>Why an address of ours is not offered; null when it is.</summary>
    /// <param name="address">An address that a socket is bound to.</param>
    /// <param name="isLoopbackAllowed">Loopback counts too.</param>
    public static string? RefuseLocal(TransportAddress address, bool isLoopbackAllowed) => address switch
    {
        { IsAny: true } => "it names no interface",
        { IsMulticast: true } => "it is a group's",
        { Port: 0 } => "it has no port",
        { IsLoopback: true } when !isLoopbackAllowed => "loopback is not offered unless asked for",
        { IsLinkLocal: true, IsIPv6: false } => "an IPv4 link-local address means that the interface got no other",
        _ => null,
    };

    /// <summary>Why an address of the peer is not tried; null when it is.</summary>
    public static string? RefuseRemote(TransportAddress address, bool isLoopbackAllowed) => address switch
    {
        { IsAny: true } => "it names no host",
        { IsMulticast: true } => "it is a group's",
        { Port: 0 } => "it has no port",
        { IsLoopback: true } when !isLoopbackAllowed => "loopback means another machine over there",
        _ => null,
    };

    /// <summary>A datagram can go from one to the other: same IP version, link-local with link-local, loopback with loopback.</summary>
    public static bool CanPair(TransportAddress local, TransportAddress remote) =>
        local.IsIPv6 == remote.IsIPv6 && local.IsLoopback == remote.IsLoopback && (!local.IsIPv6 || local.IsLinkLocal == remote.IsLinkLocal);

    /// <summary>Why a relay is not asked to send to an address before the peer was heard from there; null when it is.</summary>
    /// <remarks>
    /// A relay on the public network has no way into somebody's private one, or one to another machine there. It must not be tried out: coturn ends the whole allocation
    /// when its system has no route to a peer, or forbids to send there, and with it the pairs that work.
    /// </remarks>
    /// <param name="relayed">Our address at the relay.</param>
    /// <param name="remote">The peer's address.</param>
    public static string? RefuseThroughRelay(TransportAddress relayed, TransportAddress remote) =>
        IsOfOneNetwork(remote) && !IsOfOneNetwork(relayed) ? "a public relay does not reach a private address" : null;

    private static bool IsOfOneNetwork(TransportAddress address) => address.IsPrivate || address.IsLinkLocal;

    /// <summary>Local preference of the n-th address: global IPv6 first, then IPv4, then what reaches the own link or machine only.</summary>
    public static int PreferenceOf(TransportAddress address, int index)
    {
        var rank = address switch { { IsLoopback: true } => 3, { IsLinkLocal: true } => 2, { IsIPv6: true } => 0, _ => 1 };
        return Highest - (rank * 0x1000) - Math.Min(index, 0xFFF);
    }
}
