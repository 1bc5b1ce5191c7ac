using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>How the NAT in front of us chooses public addresses, as far as answers of two or more servers tell (RFC 4787, section 4.1; RFC 5780).</summary>
public enum NatMapping
{
    /// <summary>Fewer than two servers answered, and what one said is not enough.</summary>
    Unknown = 0,

    /// <summary>Servers see the address of our interface: no NAT.</summary>
    None,

    /// <summary>All servers see one address: peers can reach it too, once asked.</summary>
    EndpointIndependent,

    /// <summary>Servers see different addresses: to a peer it will be yet another one, so that most paths need a relay.</summary>
    AddressDependent,
}

/// <summary>What an agent knows about its paths, for people who want to know why one failed.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Role">Who decides.</param>
/// <param name="Local">Candidates of ours.</param>
/// <param name="Remote">Candidates of the peer.</param>
/// <param name="Skipped">Candidates of either side that were not used, each with the reason.</param>
/// <param name="Pairs">Pairs, best first.</param>
/// <param name="Servers">STUN servers and relays, and what they said.</param>
/// <param name="Mapping">How the NAT in front of us behaves.</param>
public sealed record IceReport(
    IceState State, IceRole Role, IReadOnlyList<IceCandidate> Local, IReadOnlyList<IceCandidate> Remote, IReadOnlyList<string> Skipped, IReadOnlyList<IcePairReport> Pairs,
    IReadOnlyList<IceServerReport> Servers, NatMapping Mapping);

/// <summary>What became of one pair.</summary>
/// <param name="Local">Our candidate.</param>
/// <param name="Remote">The peer's.</param>
/// <param name="State">How far its check came.</param>
/// <param name="Reason">Why it failed or was not used; null when neither.</param>
/// <param name="RoundTrip">Time between the last check and its answer.</param>
/// <param name="IsSelected">Data goes over it.</param>
public sealed record IcePairReport(IceCandidate Local, IceCandidate Remote, PairState State, string? Reason, TimeSpan? RoundTrip, bool IsSelected);

/// <summary>What a server said from one address of ours.</summary>
/// <param name="Server">Its address.</param>
/// <param name="IsRelay">A relay; else a STUN server.</param>
/// <param name="Local">Address of ours.</param>
/// <param name="Mapped">What it sees us as; nobody when it did not say.</param>
/// <param name="Failure">Why it was of no use; null when it was, or may still be.</param>
public sealed record IceServerReport(TransportAddress Server, bool IsRelay, TransportAddress Local, TransportAddress Mapped, string? Failure);
