namespace Parley.Client.PeerApi.Entries;

/// <summary>How requests between us and one peer are proved. It stands in the peer's entry; a token's header never chooses it.</summary>
public enum PeerProfile
{
    /// <summary><c>jwt-eddsa</c>: each request is signed with the sender's Ed25519 key, for one recipient, path, body and hop budget, once.</summary>
    JwtEddsa,

    /// <summary><c>jwt-hs256</c>: an HMAC over names and times alone, with the shared <c>token</c>, for older peers. A token that was overheard serves again until it expires.</summary>
    JwtHs256,

    /// <summary><c>abtars-req-v1</c>: each request is signed, once, but not for one recipient, for peers of that make. Their certificate has the key of their verifyKey.</summary>
    AbtarsReqV1,
}
