using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi.Entries;

/// <summary>One peer of <c>peers.json</c>, checked.</summary>
/// <param name="Name">Its key in the file, which is the peer's own <c>self.name</c>: 1 to 64 of <c>A-Z a-z 0-9 . _ -</c>.</param>
/// <param name="Host">Its name or address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Pin">The certificate that it must show.</param>
/// <param name="Profile">How requests are proved, both ways.</param>
public sealed record PeerEntry(string Name, string Host, int Port, CertificatePin Pin, PeerProfile Profile)
{
    /// <summary>Port where none is named.</summary>
    public const int DefaultPort = 3100;

    /// <summary>Trust where none is given: enrolled. 0 quarantine, 1 enrolled, 2 trusted, 3 owner; told to the responder, grants nothing by itself.</summary>
    public const int DefaultTrust = 1;

    /// <summary>Every right that <c>allow</c> can name.</summary>
    public static IReadOnlyList<string> Rights { get; } = [Ask, Models, Card];

    /// <summary>The right to ask.</summary>
    public const string Ask = "ask";

    /// <summary>The right to list models.</summary>
    public const string Models = "models";

    /// <summary>The right to read the card.</summary>
    public const string Card = "card";

    /// <summary>The shared secret; null where there is none.</summary>
    public string? Token { get; init; }

    /// <summary>The peer's Ed25519 key, 32 bytes; empty where there is none.</summary>
    public ReadOnlyMemory<byte> VerifyKey { get; init; }

    /// <summary>What the peer may do here. Default: everything that a peer can do.</summary>
    public IReadOnlyList<string> Allow { get; init; } = Rights;

    /// <summary>How often it may ask.</summary>
    public PeerRate Rate { get; init; } = new();

    /// <summary>How far it is trusted, 0 to 3.</summary>
    public int Trust { get; init; } = DefaultTrust;

    /// <summary>Free words about the peer, told to the responder.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Where its agent API is.</summary>
    public Uri Address => new UriBuilder(Uri.UriSchemeHttps, Host, Port).Uri;

    /// <summary>Whether a name may stand in the file.</summary>
    public static bool IsName(string name) =>
        name.Length is >= 1 and <= 64 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    /// <summary>Name and place; the secret stays out of logs.</summary>
    public override string ToString() => $"PeerEntry({Name} at {Host}:{Port})";
}
