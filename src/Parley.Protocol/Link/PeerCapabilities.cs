using Parley.Protocol.Wire;

namespace Parley.Protocol.Link;

/// <summary>What a client says in its hello when it accepts peer sessions: one word for each purpose. The hub brings the first signal of a session to a client that said its word.</summary>
public static class PeerCapabilities
{
    private const string Prefix = "peer:";
    private static readonly SignalPurpose[] _named = [SignalPurpose.Transfer, SignalPurpose.Chat, SignalPurpose.Call];

    /// <summary>The word of a purpose; null for one that has none.</summary>
    public static string? WordOf(SignalPurpose purpose) => purpose switch
    {
        SignalPurpose.Transfer => "peer:transfer",
        SignalPurpose.Chat => "peer:chat",
        SignalPurpose.Call => "peer:call",
        SignalPurpose.Probe => "peer:probe",
        _ => null,
    };

    /// <summary>What clients with these words take, for people and programs: transfer, chat and call, in this order. Probes are left out, since they come with each of them.</summary>
    public static IReadOnlyList<string> NamesOf(IEnumerable<string> capabilities)
    {
        var words = capabilities.ToHashSet(StringComparer.Ordinal);
        return [.. _named.Where(purpose => words.Contains(WordOf(purpose)!)).Select(purpose => WordOf(purpose)![Prefix.Length..])];
    }
}
