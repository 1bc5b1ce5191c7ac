using System.Net;
using Parley.Protocol.Errors;

namespace Parley.Hub.Outbound;

/// <summary>Which addresses may be called on a stranger's word: public ones, and those that the operator opened. Pure.</summary>
/// <param name="allowed">What was opened.</param>
internal sealed class AddressPolicy(OutboundAllowList allowed)
{
    /// <summary>What was opened beyond public addresses.</summary>
    public OutboundAllowList Allowed => allowed;

    /// <summary>What an address is for, with all that it may carry inside.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        if (EmbeddedAddresses.Meant(address) is { } meant)
        {
            return KindOf(meant);
        }

        var behind = EmbeddedAddresses.Behind(address).Select(KindOf).ToList();
        return behind.Contains(AddressKind.Metadata) ? AddressKind.Metadata
            : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && EmbeddedAddresses.IsTeredo(new IPAddress(address.GetAddressBytes()))
                ? behind.Find(kind => kind != AddressKind.Public)
            : SpecialAddresses.KindOf(address) is var own && own != AddressKind.Public ? own
            : behind.Find(kind => kind != AddressKind.Public);
    }

    /// <summary>Whether an address may be called that a host's name, or the host itself, led to.</summary>
    public bool IsAllowed(string host, IPAddress address) => KindOf(address) switch
    {
        AddressKind.Public => true,
        AddressKind.Loopback or AddressKind.Private or AddressKind.SharedNat or AddressKind.LinkLocal => IsOpened(host, address),
        _ => false,
    };

    /// <summary>Refuses an address that may not be called. Says what kind it is and never which: its asker must not learn what a name resolves to in here.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OutboundRefused"/>.</exception>
    public void Check(string host, IPAddress address)
    {
        if (!IsAllowed(host, address))
        {
            throw KindOf(address) switch
            {
                AddressKind.Metadata => Refusal("The address belongs to a cloud's metadata service, which is never called."),
                AddressKind.Multicast or AddressKind.Unspecified or AddressKind.Documentation or AddressKind.Reserved =>
                    Refusal("The address is none that a single machine on the internet has."),
                _ => Refusal("The address is not public. The hub's operator may open it: parley hub --allow-outbound HOST|CIDR."),
            };
        }
    }

    private static ParleyException Refusal(string why) => new(ErrorCode.OutboundRefused, why);

    private bool IsOpened(string host, IPAddress address) =>
        allowed.HasHost(host) || allowed.HasAddress(address) || (EmbeddedAddresses.Meant(address) is { } meant && allowed.HasAddress(meant));
}
