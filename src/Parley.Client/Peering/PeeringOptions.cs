using Parley.Client.Peering.Paths;
using Parley.Client.Peering.Udp;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>What a process wants of sessions with other agents, and how patient it is.</summary>
public sealed record PeeringOptions
{
    /// <summary>What the process's link to the hub is for. Of <see cref="SessionRole.Recv"/> an agent has one: a newer one takes its place.</summary>
    /// <value>A caller.</value>
    public SessionRole Role { get; init; } = SessionRole.Caller;

    /// <summary>Which purposes other agents may open sessions for; <see cref="IPeering.AcceptAsync"/> takes these alone.</summary>
    /// <value>None.</value>
    public IReadOnlyList<PeerPurpose> Accepts { get; init; } = [];

    /// <summary>Whether a hub that does not answer at first is an error at once, as at a terminal; else it is dialled for ever.</summary>
    /// <value>True.</value>
    public bool FailsFast { get; init; } = true;

    /// <summary>What this client calls itself on status pages.</summary>
    public string Software { get; init; } = "parley";

    /// <summary>Direct TCP.</summary>
    public TcpPathOptions Tcp { get; init; } = new();

    /// <summary>Direct UDP, and relays over UDP.</summary>
    public UdpPathOptions Udp { get; init; } = new();

    /// <summary>The hash of a DTLS certificate whose key somebody else holds, a browser for example: 32 bytes, signed in every session. Empty: this process makes its own where it needs one.</summary>
    public ReadOnlyMemory<byte> DtlsFingerprint { get; init; }

    /// <summary>How often something is said again that was not answered.</summary>
    /// <value>1 second.</value>
    public TimeSpan RepeatEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the other end may have no link to the hub before it counts as gone.</summary>
    /// <value>20 seconds.</value>
    public TimeSpan GoneAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the other end may be linked to the hub and come to no further path before it counts as gone. Of a first path its user decides.</summary>
    /// <value>5 minutes.</value>
    public TimeSpan AbsentAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one attempt looks for a path once both ends want one.</summary>
    /// <value>15 seconds.</value>
    public TimeSpan PathTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an opener has to prove itself.</summary>
    /// <value>30 seconds.</value>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Openers that are not proved yet, of one agent 8 at most; further ones wait until there is room.</summary>
    /// <value>64.</value>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>Sessions that were opened and not closed; further ones wait until there is room.</summary>
    /// <value>256.</value>
    public int MaxSessions { get; init; } = 256;

    /// <summary>The same of those that one agent opened, so that none takes the room of all.</summary>
    /// <value>64.</value>
    public int MaxSessionsPerAgent { get; init; } = 64;
}
