using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Ice;

/// <summary>A candidate of ours and how datagrams leave from it.</summary>
internal sealed class LocalCandidate(IceCandidate candidate, TransportAddress source, int preference, TurnClient? relay)
{
    /// <summary>As it is signalled.</summary>
    public IceCandidate Candidate => candidate;

    /// <summary>The address of the socket behind it.</summary>
    public TransportAddress Source => source;

    /// <summary>Its local preference.</summary>
    public int Preference => preference;

    /// <summary>The relay that it is at; null for none.</summary>
    public TurnClient? Relay => relay;

    /// <summary>Checks leave from it; reflexive ones leave from their host's.</summary>
    public bool IsBase => candidate.Type is IceCandidateType.Host or IceCandidateType.Relayed;
}
