using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Ice;

/// <summary>What an agent may use, and its times and limits.</summary>
public sealed class IceOptions
{
    /// <summary>Servers that tell our address; those of the other IP version than an interface's are left out there.</summary>
    public IReadOnlyList<TransportAddress> StunServers { get; init; } = [];

    /// <summary>Relays.</summary>
    public IReadOnlyList<TurnServer> TurnServers { get; init; } = [];

    /// <summary>Loopback addresses are offered and taken: for two agents on one machine, and browsers under test.</summary>
    /// <value>False.</value>
    public bool IsLoopbackAllowed { get; init; }

    /// <summary>Only relayed addresses are offered, so that the peer does not learn ours.</summary>
    /// <value>False.</value>
    public bool IsRelayOnly { get; init; }

    /// <summary>Time between two new checks (Ta of RFC 8445, section 14.2).</summary>
    /// <value>5 ms or more; 50 ms.</value>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Nothing is given up before this, since the peer's checks may still come (RFC 8863).</summary>
    /// <value>39.5 s.</value>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(39.5);

    /// <summary>How long a better direct path is waited for once one works.</summary>
    /// <value>250 ms.</value>
    public TimeSpan NominationWait { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The same while only a relayed path works: longer than one lost check of a NAT that is just being opened.</summary>
    /// <value>1.5 s.</value>
    public TimeSpan RelayNominationWait { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Time between two checks that the peer still wants our data, plus or minus a fifth (RFC 7675).</summary>
    /// <value>5 s.</value>
    public TimeSpan ConsentInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Without an answer for this long the state is <see cref="IceState.Disconnected"/>.</summary>
    /// <value>12 s.</value>
    public TimeSpan DisconnectedAfter { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Without an answer for this long nothing more may be sent: <see cref="IceState.Failed"/>.</summary>
    /// <value>30 s.</value>
    public TimeSpan ConsentTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often servers are asked again until a pair is selected, so that NATs keep what they told us.</summary>
    /// <value>15 s.</value>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Candidates of ours at most.</summary>
    /// <value>32.</value>
    public int MaxLocalCandidates { get; init; } = 32;

    /// <summary>Candidates of the peer at most, those that its checks reveal included.</summary>
    /// <value>64.</value>
    public int MaxRemoteCandidates { get; init; } = 64;

    /// <summary>Pairs at most; the worst ones go first (RFC 8445, section 6.1.2.5).</summary>
    /// <value>100.</value>
    public int MaxPairs { get; init; } = 100;

    /// <summary>Checks that may wait for an answer at the same time.</summary>
    /// <value>40.</value>
    public int MaxChecks { get; init; } = 40;
}
