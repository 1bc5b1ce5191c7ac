namespace Parley.WebRtc.Ice;

/// <summary>What candidates and pairs are worth (RFC 8445, sections 5.1.2 and 6.1.2.3).</summary>
internal static class IcePriority
{
    private const int Component = 1;
    private const int LowestDirect = 32;

    /// <summary>2^24 type + 2^8 local + (256 - component).</summary>
    /// <param name="type">How it was learnt: direct before relayed.</param>
    /// <param name="localPreference">0 to 65535, another one for each address of ours.</param>
    public static uint Of(IceCandidateType type, int localPreference) => (TypePreference(type) << 24) + ((uint)localPreference << 8) + (256 - Component);

    /// <summary>What a candidate would be worth that a check from this one reveals. One that a relay's check reveals stays as low as the relay, or it would pass for a direct path.</summary>
    public static uint OfCheck(LocalCandidate local) => Of(local.Relay is null ? IceCandidateType.PeerReflexive : IceCandidateType.Relayed, local.Preference);

    /// <summary>Whoever gives a candidate so low a priority says that it is relayed.</summary>
    public static bool IsOfRelay(uint priority) => priority >> 24 < LowestDirect;

    /// <summary>The same number on both sides: 2^32 min(G, D) + 2 max(G, D) + (G > D).</summary>
    public static ulong OfPair(uint controlling, uint controlled) =>
        ((ulong)Math.Min(controlling, controlled) << 32) + (2 * (ulong)Math.Max(controlling, controlled)) + (controlling > controlled ? 1u : 0);

    private static uint TypePreference(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => 126,
        IceCandidateType.PeerReflexive => 110,
        IceCandidateType.ServerReflexive => 100,
        _ => 0,
    };
}
