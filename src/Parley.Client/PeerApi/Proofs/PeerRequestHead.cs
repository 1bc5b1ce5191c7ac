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

    /// <summary>The header Authorization.</summary>
    public string? Authorization { get; init; }

    /// <summary>The header <see cref="ProofHeader"/>.</summary>
    public string? Proof { get; init; }

    /// <summary>The header <see cref="HopsHeader"/>.</summary>
    public string? Hops { get; init; }

    /// <summary>The header <see cref="SessionHeader"/>.</summary>
    public string? Session { get; init; }

    /// <summary>Method and target; tokens stay out of logs.</summary>
    public override string ToString() => $"PeerRequestHead({Method} {Target})";
}
