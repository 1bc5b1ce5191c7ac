using Parley.Client.PeerApi.Entries;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>Who asks, as far as the request's head proves it.</summary>
/// <param name="Peer">The entry.</param>
/// <param name="Claims">What its token says.</param>
/// <param name="Hops">The hop budget; null when an older peer names none.</param>
/// <param name="Session">The conversation that it names; null for none.</param>
public sealed record PeerCaller(PeerEntry Peer, PeerClaims Claims, long? Hops, string? Session)
{
    /// <summary>The head, where the signature over it needs the body as well.</summary>
    internal PeerRequestHead? Head { get; init; }

    /// <summary>Whether the head alone proves who asks.</summary>
    internal bool IsProved => Head is null;
}
