using System.Net;
using Google.Protobuf;
using Parley.Protocol.Wire;
using Parley.WebRtc.Udp;

namespace Parley.Client.Peering.Paths;

/// <summary>Which addresses the other end is told, and which of its addresses are dialled. Pure but for the list of this machine's interfaces.</summary>
internal static class TcpCandidates
{
    /// <summary>The addresses of this machine's interfaces that the other end is told, loopback last.</summary>
    public static IReadOnlyList<IPAddress> OfThisMachine(int max) => InterfaceAddresses.Choose(InterfaceAddresses.OfThisMachine(), isLoopbackAllowed: true, max);

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
            if (InterfaceAddresses.IsUsable(address, isSameMachine) && !chosen.Contains(point) && chosen.Count < max)
            {
                chosen.Add(point);
            }
        }

        return chosen;
    }
}
