namespace Parley.Client.PeerApi.Proofs;

/// <summary>What of a request is proved, but for its body.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Target">Path and query as sent.</param>
public sealed record PeerRequestHead(string Method, string Target)
{
    /// <summary>Header of the second proof.</summary>
    public const string ProofHeader = "X-Peer-Proof";

    /// <summary>Header of the hop budget.</summary>
    public const string HopsHeader = "X-Peer-Hops";

    /// <summary>Header that names a conversation.</summary>
    public const string SessionHeader = "X-Session-Id";

    /// <summary>Header of <c>abtars-req-v1</c>: who asks.</summary>
    public const string PeerIdHeader = "X-Peer-Id";

    /// <summary>Header of <c>abtars-req-v1</c>: when, Unix seconds.</summary>
    public const string TimestampHeader = "X-Peer-Ts";

    /// <summary>Header of <c>abtars-req-v1</c>: what is never used again.</summary>
    public const string NonceHeader = "X-Peer-Nonce";

    /// <summary>Header of <c>abtars-req-v1</c>: the signature, base64.</summary>
    public const string SignatureHeader = "X-Peer-Sig";

    /// <summary>The header <see cref="PeerIdHeader"/>.</summary>
    public string? PeerId { get; init; }

    /// <summary>The header <see cref="TimestampHeader"/>.</summary>
    public string? Timestamp { get; init; }

    /// <summary>The header <see cref="NonceHeader"/>.</summary>
    public string? Nonce { get; init; }

    /// <summary>The header <see cref="SignatureHeader"/>.</summary>
    public string? Signature { get; init; }

    /// <summary>The header Authorization.</summary>
    public string? Authorization { get; init; }

    /// <summary>The header <see cref="ProofHeader"/>.</summary>
    public string? Proof { get; init; }

    /// <summary>The header <see cref="HopsHeader"/>.</summary>
    public string? Hops { get; init; }

    /// <summary>The header <see cref="SessionHeader"/>.</summary>
    public string? Session { get; init; }

    /// <summary>What names this one request: of ours as it was made. A question's answer is kept under it.</summary>
    public string? Id { get; init; }

    /// <summary>Method and target; tokens stay out of logs.</summary>
    public override string ToString() => $"PeerRequestHead({Method} {Target})";
}
