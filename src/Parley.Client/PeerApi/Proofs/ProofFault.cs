namespace Parley.Client.PeerApi.Proofs;

/// <summary>Why a request was not believed. For our log alone: whoever asked hears the same of all.</summary>
public enum ProofFault
{
    /// <summary>There is nothing to complain of.</summary>
    None,

    /// <summary>No bearer token.</summary>
    Missing,

    /// <summary>The token is no JWT.</summary>
    Malformed,

    /// <summary>Nobody of that name is in peers.json.</summary>
    UnknownPeer,

    /// <summary>Another algorithm or type than this peer's profile has.</summary>
    WrongKind,

    /// <summary>The signature is not the peer's.</summary>
    BadSignature,

    /// <summary>It is for somebody else.</summary>
    WrongAudience,

    /// <summary>A claim that the profile needs is missing.</summary>
    ClaimMissing,

    /// <summary>It has expired.</summary>
    Expired,

    /// <summary>It was made in the future: a clock is wrong.</summary>
    FromTheFuture,

    /// <summary>It counts for longer than the profile allows.</summary>
    LivesTooLong,

    /// <summary>It is for another method, path, hop budget or conversation.</summary>
    OtherRequest,

    /// <summary>It is for another body.</summary>
    OtherBody,

    /// <summary>It was used before.</summary>
    Replayed,

    /// <summary>The peer used more tokens at once than are remembered.</summary>
    TooMany,

    /// <summary>The second proof, which a peer with token and verifyKey owes, is missing or wrong.</summary>
    ProofWrong,
}
