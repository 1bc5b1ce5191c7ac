using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>What a client says in its hello when it accepts peer sessions: one word for each purpose. The hub brings the first signal of a session to a client that said its word.</summary>
public static class PeerCapabilities
{
    /// <summary>The word of a purpose; null for one that has none.</summary>
    public static string? WordOf(SignalPurpose purpose) => purpose switch
    {
        SignalPurpose.Transfer => "peer:transfer",
        SignalPurpose.Chat => "peer:chat",
        SignalPurpose.Call => "peer:call",
        SignalPurpose.Probe => "peer:probe",
        _ => null,
    };
}
