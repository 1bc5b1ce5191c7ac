using System.Text.Json;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>The claims that peers make; null where one is missing or of another kind.</summary>
public sealed record PeerClaims
{
    /// <summary><c>iss</c>: who asks.</summary>
    public string? Issuer { get; init; }

    /// <summary><c>aud</c>: who is asked; a list is taken for none.</summary>
    public string? Audience { get; init; }

    /// <summary><c>iat</c>: when it was made, Unix seconds.</summary>
    public long? IssuedAt { get; init; }

    /// <summary><c>exp</c>: until when it counts, Unix seconds.</summary>
    public long? Expires { get; init; }

    /// <summary><c>jti</c>: the token's own id.</summary>
    public string? Id { get; init; }

    /// <summary><c>htm</c>: the HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary><c>path</c>: path and query as sent.</summary>
    public string? Path { get; init; }

    /// <summary><c>bh</c>: SHA-256 of the body in base64url.</summary>
    public string? BodyHash { get; init; }

    /// <summary><c>hops</c>: the hop budget.</summary>
    public long? Hops { get; init; }

    /// <summary><c>sid</c>: the conversation, where one is named.</summary>
    public string? Session { get; init; }

    /// <summary><c>eh</c>, of a second proof: SHA-256 of the token that it goes with, in base64url.</summary>
    public string? TokenHash { get; init; }

    /// <summary>Reads them.</summary>
    internal static PeerClaims Of(JsonElement root) => new()
    {
        Issuer = TextOf(root, "iss"),
        Audience = TextOf(root, "aud"),
        IssuedAt = NumberOf(root, "iat"),
        Expires = NumberOf(root, "exp"),
        Id = TextOf(root, "jti"),
        Method = TextOf(root, "htm"),
        Path = TextOf(root, "path"),
        BodyHash = TextOf(root, "bh"),
        Hops = NumberOf(root, "hops"),
        Session = TextOf(root, "sid"),
        TokenHash = TextOf(root, "eh"),
    };

    /// <summary>A text among the members; null for none.</summary>
    internal static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? NumberOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
