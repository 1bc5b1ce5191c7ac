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

    /// <summary>What a peer may do whose entry has no <c>allow</c>: ask, and no tool is used for it.</summary>
    public static IReadOnlyList<string> DefaultRights { get; } = [Ask, Models, Card];

    /// <summary>Kinds of responders that <c>allow</c> can name.</summary>
    public static IReadOnlyList<string> Responders { get; } = ["exec", "http", "openai"];

    /// <summary>The right to have every tool of the responder used.</summary>
    public const string Tools = "tools";

    /// <summary>The right to ask, whoever answers; <c>ask:KIND</c>: only such a responder.</summary>
    public const string Ask = "ask";

    /// <summary>From this trust on a model is not told to be careful.</summary>
    public const int Trusted = 2;

    /// <summary>The right to list models.</summary>
    public const string Models = "models";

    /// <summary>The right to read the card.</summary>
    public const string Card = "card";

    private const string AskPrefix = "ask:";
    private const string ToolPrefix = "tool:";

    /// <summary>The certificate that it may still show after a rotation; null for none.</summary>
    public CertificatePin? OldPin { get; init; }

    /// <summary>Until when <see cref="OldPin"/> counts.</summary>
    public DateTimeOffset OldPinUntil { get; init; }

    /// <summary>The shared secret; null where there is none.</summary>
    public string? Token { get; init; }

    /// <summary>The peer's Ed25519 key, 32 bytes; empty where there is none.</summary>
    public ReadOnlyMemory<byte> VerifyKey { get; init; }

    /// <summary>Whether each text of it must bear its own signature besides (<c>"mode": "signed"</c>), and ours to it do; of older profiles only.</summary>
    public bool IsTextSigned { get; init; }

    /// <summary>What the peer may do here.</summary>
    public IReadOnlyList<string> Allow { get; init; } = DefaultRights;

    /// <summary>How often it may ask.</summary>
    public PeerRate Rate { get; init; } = new();

    /// <summary>How far it is trusted, 0 to 3.</summary>
    public int Trust { get; init; } = DefaultTrust;

    /// <summary>Free words about the peer, told to the responder.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Where its agent API is.</summary>
    public Uri Address => new UriBuilder(Uri.UriSchemeHttps, Host, Port).Uri;

    /// <summary>Whether <c>allow</c> can name this.</summary>
    public static bool IsRight(string text) =>
        text is Ask or Models or Card or Tools || Responders.Any(kind => text == AskPrefix + kind) || (text.StartsWith(ToolPrefix, StringComparison.Ordinal) && text.Length > ToolPrefix.Length);

    /// <summary>Whether the peer may ask a responder of this kind.</summary>
    public bool MayAsk(string? responder) => Allow.Contains(Ask) || (responder is not null && Allow.Contains(AskPrefix + responder));

    /// <summary>Whether a model that answers the peer may use this tool for it.</summary>
    public bool MayUse(string tool) => Allow.Contains(Tools) || Allow.Contains(ToolPrefix + tool);

    /// <summary>The certificates that it may show at a moment.</summary>
    public IReadOnlyList<CertificatePin> PinsAt(DateTimeOffset now) => OldPin is { } old && now < OldPinUntil ? [Pin, old] : [Pin];

    /// <summary>Whether a name may stand in the file.</summary>
    public static bool IsName(string name) =>
        name.Length is >= 1 and <= 64 && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    /// <summary>Whether a peer can be there: a name or an address.</summary>
    public static bool IsHost(string host) => Uri.CheckHostName(host.Trim('[', ']')) != UriHostNameType.Unknown;

    /// <summary>Name and place; the secret stays out of logs.</summary>
    public override string ToString() => $"PeerEntry({Name} at {Host}:{Port})";
}
