using System.Text.Json;
using Parley.Gateway.Cards;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>A card as an agent sends it, reduced to what an agent may say of itself: the hub speaks for name, addresses, security and signatures.</summary>
/// <remarks>A card of 1.0 or of 0.3 is taken alike, since what counts has the same names in both. What is the hub's is left out and named, so that a card written for another server can be used as it is.</remarks>
/// <param name="Card">What is kept.</param>
/// <param name="Ignored">Members that were left out, by the names of A2A.</param>
internal sealed record UploadedCard(AgentCard Card, IReadOnlyList<string> Ignored)
{
    /// <summary>Largest card in bytes: 32 KiB.</summary>
    public const int MaxBytes = 32 * 1024;

    private const int MaxDepth = 16;
    private const int MaxSkills = 64;
    private const int MaxListed = 64;
    private const int MaxName = 256;
    private const int MaxText = 4096;
    private const int MaxUrl = 2048;

    private static readonly string[] _hubMembers =
    [
        "name", "url", "preferredTransport", "additionalInterfaces", "supportedInterfaces", "protocolVersion", "security", "securitySchemes", "securityRequirements",
        "supportsAuthenticatedExtendedCard", "signatures",
    ];

    /// <summary>Checks and reduces a card.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> with the member's name, <see cref="ErrorCode.JsonInvalid"/>, <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public static UploadedCard Read(ReadOnlySpan<byte> json)
    {
        var sent = JsonDialect.V1.Parse<AgentCard>(json, new JsonLimits(MaxBytes, MaxDepth));
        var kept = new AgentCard
        {
            Description = Text(sent.Description, "description", MaxText),
            Version = Text(sent.Version, "version", MaxName),
            Provider = sent.Provider is { } provider
                ? new AgentProvider { Organization = Required(provider.Organization, "provider.organization"), Url = Url(provider.Url, "provider.url") }
                : null,
            DefaultInputModes = { Modes(sent.DefaultInputModes, "defaultInputModes") },
            DefaultOutputModes = { Modes(sent.DefaultOutputModes, "defaultOutputModes") },
            Skills = { Listed(sent.Skills, "skills", MaxSkills).Select(Skill) },
        };
        if (sent.DocumentationUrl.Length > 0)
        {
            kept.DocumentationUrl = Url(sent.DocumentationUrl, "documentationUrl");
        }

        if (sent.IconUrl.Length > 0)
        {
            kept.IconUrl = Url(sent.IconUrl, "iconUrl");
        }

        if (sent.Capabilities?.Extensions is { Count: > 0 } extensions)
        {
            kept.Capabilities = new AgentCapabilities { Extensions = { Listed(extensions, "capabilities.extensions", MaxListed).Select(Extension) } };
        }

        if (kept.Skills.Select(skill => skill.Id).Distinct(StringComparer.Ordinal).Count() != kept.Skills.Count)
        {
            throw Wrong("skills.id", "two skills have the same id");
        }

        return kept.CalculateSize() > 0
            ? new UploadedCard(kept, IgnoredOf(json))
            : throw new ParleyException(ErrorCode.InvalidArgument, "The card says nothing that an agent says of itself: a description, skills, modes, a version, a provider.");
    }

    /// <summary>The card as its author would write it: without the members that are empty because they are the hub's.</summary>
    public static ReadOnlyMemory<byte> ToJson(AgentCard card)
    {
        using var document = JsonDocument.Parse(JsonDialect.V1.ToBytes(card));
        return CanonicalJson.Write(document.RootElement, dropEmpty: true);
    }

    private static AgentSkill Skill(AgentSkill sent) => new()
    {
        Id = Required(sent.Id, "skills.id"),
        Name = Required(sent.Name, "skills.name"),
        Description = Required(sent.Description, "skills.description", MaxText),

        // Tags are required, and an empty list of them would keep the card from being signed.
        Tags = { sent.Tags.Count > 0 ? Texts(sent.Tags, "skills.tags", MaxName) : [sent.Id] },
        Examples = { Texts(sent.Examples, "skills.examples", MaxText) },
        InputModes = { Modes(sent.InputModes, "skills.inputModes") },
        OutputModes = { Modes(sent.OutputModes, "skills.outputModes") },
    };

    private static AgentExtension Extension(AgentExtension sent) => new()
    {
        Uri = Uri.TryCreate(Required(sent.Uri, "capabilities.extensions.uri", MaxUrl), UriKind.Absolute, out _) ? sent.Uri : throw Wrong("capabilities.extensions.uri", "expected an absolute URI"),
        Description = Text(sent.Description, "capabilities.extensions.description", MaxText),
        Required = sent.Required,
        Params = sent.Params,
    };

    private static IEnumerable<string> Modes(IReadOnlyList<string> modes, string field) => Texts(modes, field, MaxName).Select(mode =>
        mode.Split('/') is [{ Length: > 0 }, { Length: > 0 }] && mode.All(letter => letter is > ' ' and < '\x7f')
            ? mode
            : throw Wrong(field, "expected media types such as text/plain"));

    private static IEnumerable<string> Texts(IReadOnlyList<string> texts, string field, int limit) => Listed(texts, field, MaxListed).Select(text => Required(text, field, limit));

    private static IReadOnlyList<T> Listed<T>(IReadOnlyList<T> items, string field, int limit) =>
        items.Count <= limit ? items : throw Wrong(field, $"{limit} at most");

    private static string Required(string text, string field, int limit = MaxName) =>
        string.IsNullOrWhiteSpace(text) ? throw Wrong(field, "missing") : Text(text, field, limit);

    // A card is shown to people who did not write it: what moves a cursor or turns the direction of writing has no place in it.
    private static string Text(string text, string field, int limit) =>
        text.Length > limit ? throw Wrong(field, $"{limit} characters at most")
        : text.All(letter => letter is '\n' or '\t' || !(char.IsControl(letter) || letter is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))) ? text
        : throw Wrong(field, "control characters have no place in a card");

    private static string Url(string text, string field) =>
        text.Length <= MaxUrl && Uri.TryCreate(Text(text, field, MaxUrl), UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.UserInfo.Length == 0
            ? text
            : throw Wrong(field, "expected an address that begins with https:// or http://");

    private static List<string> IgnoredOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        var names = document.RootElement.EnumerateObject().Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
        return [.. _hubMembers.Where(names.Contains)];
    }

    private static ParleyException Wrong(string field, string why) => new(ErrorCode.InvalidArgument, $"{field}: {why}.") { Field = field };
}
