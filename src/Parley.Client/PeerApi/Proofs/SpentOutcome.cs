namespace Parley.Client.PeerApi.Proofs;

/// <summary>What became of spending a token.</summary>
public enum SpentOutcome
{
    /// <summary>It was new.</summary>
    New,

    /// <summary>It was used before.</summary>
    Replayed,

    /// <summary>No more can be remembered, so no more are taken.</summary>
    Full,
}
