using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Google.Protobuf;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering.Paths;

/// <summary>Which addresses the other end is told, and which of its addresses are dialled. Pure but for the list of this machine's interfaces.</summary>
internal static class TcpCandidates
{
    /// <summary>The addresses of this machine's interfaces, loopback last.</summary>
    public static IReadOnlyList<IPAddress> OfThisMachine() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(one => one.OperationalStatus == OperationalStatus.Up || one.NetworkInterfaceType == NetworkInterfaceType.Loopback)
            .SelectMany(one => one.GetIPProperties().UnicastAddresses.Select(address => address.Address))
            .Where(IsUsable)
            .OrderBy(IPAddress.IsLoopback),
    ];

    /// <summary>Whether an address can be told to another machine: one host's, and not one that means something else on each link.</summary>
    public static bool IsUsable(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv6SiteLocal;
        }

        var bytes = address.GetAddressBytes();
        return bytes[0] is not 0 and < 224 && !(bytes[0] == 169 && bytes[1] == 254);
    }

    /// <summary>Puts addresses into words.</summary>
    public static IEnumerable<TcpCandidate> ToWire(IEnumerable<IPAddress> addresses, int port, int max) =>
        addresses.Take(max).Select(address => new TcpCandidate { Address = ByteString.CopyFrom(address.GetAddressBytes()), Port = (uint)port });

    /// <summary>The addresses to dial: each once, no more than <paramref name="max"/>, none that is not one host's, and this machine's own only when the other end is on it.</summary>
    /// <param name="candidates">What the other end said.</param>
    /// <param name="isSameMachine">Whether it proved to be on this machine.</param>
    /// <param name="max">Most.</param>
    public static IReadOnlyList<IPEndPoint> ToDial(IEnumerable<TcpCandidate> candidates, bool isSameMachine, int max)
    {
        var chosen = new List<IPEndPoint>();
        foreach (var candidate in candidates.Take(4 * max))
        {
            if (candidate.Address.Length is not (4 or 16) || candidate.Port is 0 or > IPEndPoint.MaxPort)
            {
                continue;
            }

            var address = new IPAddress(candidate.Address.Span);
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            var point = new IPEndPoint(address, (int)candidate.Port);
            if (IsUsable(address) && (isSameMachine || !IPAddress.IsLoopback(address)) && !chosen.Contains(point) && chosen.Count < max)
            {
                chosen.Add(point);
            }
        }

        return chosen;
    }
}
