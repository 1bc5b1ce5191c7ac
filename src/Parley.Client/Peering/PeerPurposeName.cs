using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>Purposes on the wire and in words.</summary>
public static class PeerPurposeName
{
    /// <summary>For people and <c>--json</c>: <c>transfer</c>, <c>chat</c>, <c>call</c>, <c>probe</c>.</summary>
    public static string Of(PeerPurpose purpose) => purpose switch
    {
        PeerPurpose.Transfer => "transfer",
        PeerPurpose.Chat => "chat",
        PeerPurpose.Call => "call",
        _ => "probe",
    };

    /// <summary>The purpose of a notice that came over a link; null for one that this program does not know.</summary>
    public static PeerPurpose? FromWire(SignalPurpose purpose) => purpose switch
    {
        SignalPurpose.Transfer => PeerPurpose.Transfer,
        SignalPurpose.Chat => PeerPurpose.Chat,
        SignalPurpose.Call => PeerPurpose.Call,
        SignalPurpose.Probe => PeerPurpose.Probe,
        _ => null,
    };

    internal static SignalPurpose ToWire(PeerPurpose purpose) => purpose switch
    {
        PeerPurpose.Transfer => SignalPurpose.Transfer,
        PeerPurpose.Chat => SignalPurpose.Chat,
        PeerPurpose.Call => SignalPurpose.Call,
        _ => SignalPurpose.Probe,
    };
}
