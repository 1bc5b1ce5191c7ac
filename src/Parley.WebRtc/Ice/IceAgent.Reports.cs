using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Ice;

/// <summary>What the agent knows, for people.</summary>
public sealed partial class IceAgent
{
    /// <summary>Whether the peer was heard on a pair that has not failed: it checks us, or answered our check.</summary>
    public bool HasHeard => _pairs.Exists(static pair => pair.State != PairState.Failed && (pair.IsHeard || pair.State == PairState.Succeeded));

    /// <summary>Candidates, pairs with reasons, servers, and how the NAT behaves.</summary>
    public IceReport Report() => new(
        State,
        Role,
        [.. _locals.Select(local => local.Candidate)],
        [.. _remotes],
        [.. _skipped.Concat(_resolving.Select(candidate => $"{candidate.HostName}: the name is not resolved yet"))],
        [.. _pairs.Select(pair => new IcePairReport(pair.Local.Candidate, pair.Remote, pair.State, pair.Reason, pair.RoundTrip, pair == _selected))],
        [
            .. _probes.Select(probe => new IceServerReport(probe.Server, false, probe.Source, probe.Mapped, probe.Failure)),
            .. _relays.Select(relay => new IceServerReport(relay.Server.Address, true, relay.Local, relay.Mapped, relay.State == TurnState.Failed ? relay.Failure : null)),
        ],
        MappingOf(_probes));

    /// <summary>From the interface whose NAT is the strictest.</summary>
    private static NatMapping MappingOf(List<ServerProbe> probes)
    {
        var strictest = NatMapping.Unknown;
        foreach (var asked in probes.Where(probe => !probe.Mapped.IsNone).GroupBy(probe => probe.Source))
        {
            var seen = asked.Select(probe => probe.Mapped).Distinct().ToList();
            var servers = asked.Select(probe => probe.Server).Distinct().Count();
            var mapping = seen.Count > 1 ? NatMapping.AddressDependent
                : seen[0] == asked.Key ? NatMapping.None
                : servers > 1 ? NatMapping.EndpointIndependent
                : NatMapping.Unknown;
            strictest = mapping > strictest ? mapping : strictest;
        }

        return strictest;
    }
}
