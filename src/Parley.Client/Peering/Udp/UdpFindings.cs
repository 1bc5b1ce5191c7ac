using Parley.Client.Peering.Paths;
using Parley.WebRtc.Ice;

namespace Parley.Client.Peering.Udp;

/// <summary>What ICE came to, in words for people. Pure.</summary>
internal static class UdpFindings
{
    /// <summary>A path that works, with its name.</summary>
    public static FoundPath PathOf(IceRoute? route, IceReport report, Stream stream)
    {
        if (route is null)
        {
            return new FoundPath(stream, "over an unknown way");
        }

        if (route.IsRelayed)
        {
            var whose = route.IsWrapped ? $"our relay {route.Remote}" : $"the other end's relay, {route.Remote}";
            var why = WhyNotDirect(report);
            return new FoundPath(stream, why.Count == 0 ? whose : $"{whose} (no direct pair: {string.Join(", ", why)})", PathKind.TurnRelayed);
        }

        var isThroughNat = route.RemoteType is IceCandidateType.ServerReflexive or IceCandidateType.PeerReflexive || route.LocalType is IceCandidateType.ServerReflexive or IceCandidateType.PeerReflexive;
        return new FoundPath(stream, isThroughNat ? $"{route.Remote} through NAT" : route.Remote.ToString());
    }

    /// <summary>Why there is no path, what matters most first.</summary>
    public static IEnumerable<string> Explain(IceReport report)
    {
        if (report.Local.Count == 0)
        {
            yield return "this machine has no address that others could reach";
        }

        if (report.Remote.Count == 0)
        {
            yield return "the other end told no address";
        }

        if (WordsOf(report.Mapping) is { } nat)
        {
            yield return nat;
        }

        foreach (var server in report.Servers)
        {
            if (server.Failure is { } failure)
            {
                yield return $"{(server.IsRelay ? "turn" : "stun")}:{server.Server} from {server.Local}: {failure}";
            }
        }

        foreach (var pair in report.Pairs)
        {
            yield return $"{pair.Local.Address} to {pair.Remote.Address}: {pair.Reason ?? "no answer"}";
        }

        foreach (var skipped in report.Skipped)
        {
            yield return PlainText.Of(skipped);
        }
    }

    /// <summary>How the NAT behaves, where that stands in the way.</summary>
    public static string? WordsOf(NatMapping mapping) =>
        mapping == NatMapping.AddressDependent ? "the NAT here gives each destination another port (symmetric), so that most paths need a relay" : null;

    private static List<string> WhyNotDirect(IceReport report)
    {
        const int Most = 2;
        var reasons = new List<string>();
        if (WordsOf(report.Mapping) is { } nat)
        {
            reasons.Add(nat);
        }

        reasons.AddRange(report.Pairs
            .Where(pair => pair.Local.Type != IceCandidateType.Relayed && pair.Remote.Type != IceCandidateType.Relayed)
            .Take(Most)
            .Select(pair => $"{pair.Local.Address} to {pair.Remote.Address}: {pair.Reason ?? "no answer"}"));
        return reasons;
    }
}
