using Parley.WebRtc.Ice;

namespace Parley.Cli.PeerToPeer;

/// <summary>What an attempt over UDP found out, in words: the NAT, the addresses of both ends, and what became of each pair.</summary>
internal static class UdpReportText
{
    private const int MaxShown = 8;

    /// <summary>For programs.</summary>
    public static P2pUdpJson ToJson(IceReport report) => new(
        WordOf(report.Mapping),
        [.. report.Local.Select(TextOf)],
        [.. report.Remote.Select(TextOf)],
        [.. report.Servers.Select(server => new P2pIceServerJson($"{SchemeOf(server)}:{server.Server}", server.Local.ToString(), server.Mapped.IsNone ? null : server.Mapped.ToString(), server.Failure))],
        [.. report.Pairs.Select(pair => new P2pPairJson(pair.Local.Address.ToString(), pair.Remote.Address.ToString(), pair.IsSelected, pair.Reason ?? (pair.State == PairState.Succeeded ? null : "no answer")))]);

    /// <summary>For people, a line each.</summary>
    public static IEnumerable<string> Lines(IceReport report)
    {
        yield return "NAT: " + Explain(report);
        yield return "here: " + Join(report.Local);
        yield return "there: " + Join(report.Remote);
        foreach (var server in report.Servers.Where(server => server.Failure is not null))
        {
            yield return $"{SchemeOf(server)}:{server.Server} from {server.Local}: {server.Failure}";
        }

        foreach (var pair in report.Pairs.Where(pair => pair.State == PairState.Failed || pair.Reason is not null).Take(MaxShown))
        {
            yield return $"{pair.Local.Address} to {pair.Remote.Address}: {pair.Reason ?? "no answer"}";
        }
    }

    /// <summary>What would mend it; null when nothing is known.</summary>
    public static string Mend(IceReport? report) => report switch
    {
        { Servers.Count: 0 } or null => "give both ends a server that tells them their public address: the hub's (parley hub --stun-port), or --ice-server stun:HOST",
        { Mapping: NatMapping.AddressDependent } => "the NAT here is symmetric: give both ends a relay, --ice-server turn:HOST",
        { Servers: var servers } when servers.All(server => server.Failure is not null) => "no server answers over UDP: let UDP out through the firewall, give a relay over TCP (--ice-server turn:HOST?transport=tcp), or use --path relay",
        { Servers: var servers } when !servers.Any(server => server.IsRelay) => "let UDP through both firewalls, or give both ends a relay: --ice-server turn:HOST",
        _ => "let UDP through both firewalls",
    };

    private static string Explain(IceReport report) => report.Mapping switch
    {
        NatMapping.None => "none, the interface's address is the public one",
        NatMapping.EndpointIndependent => "one public address for all destinations (cone): others can be met once asked",
        NatMapping.AddressDependent => "another public port for each destination (symmetric): most paths need a relay",
        _ => report.Servers.Count == 0 ? "unknown, no server was asked" : "unknown, it takes the answers of two STUN servers to tell",
    };

    private static string WordOf(NatMapping mapping) => mapping switch
    {
        NatMapping.None => "none",
        NatMapping.EndpointIndependent => "endpoint-independent",
        NatMapping.AddressDependent => "address-dependent",
        _ => "unknown",
    };

    private static string Join(IReadOnlyList<IceCandidate> candidates) =>
        candidates.Count == 0 ? "no address" : string.Join(", ", candidates.Take(MaxShown).Select(TextOf)) + (candidates.Count > MaxShown ? $" and {candidates.Count - MaxShown} more" : string.Empty);

    private static string TextOf(IceCandidate candidate) => $"{candidate.HostName ?? candidate.Address.ToString()} ({WordOf(candidate.Type)})";

    private static string WordOf(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => "host",
        IceCandidateType.ServerReflexive => "seen by a server",
        IceCandidateType.PeerReflexive => "seen by the peer",
        _ => "relay",
    };

    private static string SchemeOf(IceServerReport server) => server.IsRelay ? "turn" : "stun";
}
