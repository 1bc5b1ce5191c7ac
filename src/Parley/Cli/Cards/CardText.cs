using System.Text;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.Wire.V1;
using Parley.Output;

namespace Parley.Cli.Cards;

/// <summary>A card for people. All of it is somebody else's text: the terminal makes it harmless.</summary>
internal static class CardText
{
    /// <summary>The text.</summary>
    public static string Of(ResolvedCard card, CardVerdict verdict)
    {
        var text = new StringBuilder();
        var one = card.Card;
        Line("name", one.Name);
        Line("description", one.Description);
        Line("version", one.Version);
        Line("provider", one.Provider is { } provider ? $"{provider.Organization} {provider.Url}".Trim() : string.Empty);
        Line("documentation", one.DocumentationUrl);
        Line("card", $"{card.Source} (A2A {(card.Version == Gateway.A2a.A2aVersion.V03 ? "0.3" : "1.0")})");
        Line("signature", $"{Word(verdict.Trust)}: {verdict.Words}{(verdict.KeyId is null ? string.Empty : $" Key {verdict.KeyId} of {verdict.KeySet}")}");
        Line("capabilities", string.Join(", ", Capabilities(one)));
        Line("security", string.Join(", ", one.SecuritySchemes.Select(scheme => $"{scheme.Key} ({Kind(scheme.Value)})")));
        Line("takes", string.Join(", ", one.DefaultInputModes));
        Line("gives", string.Join(", ", one.DefaultOutputModes));
        text.Append('\n').Append(TextTable.Of(["BINDING", "VERSION", "TENANT", "URL"], one.SupportedInterfaces.Select(row => (IReadOnlyList<string>)[row.ProtocolBinding, row.ProtocolVersion, row.Tenant, row.Url])));
        text.Append('\n').Append(TextTable.Of(["SKILL", "NAME", "DESCRIPTION"], one.Skills.Select(row => (IReadOnlyList<string>)[row.Id, row.Name, row.Description])));
        return text.ToString();

        void Line(string name, string value)
        {
            if (value.Length > 0)
            {
                text.Append(name.PadRight(14)).Append(value.ReplaceLineEndings(" ")).Append('\n');
            }
        }
    }

    /// <summary>One word for what a signature is worth.</summary>
    public static string Word(CardTrust trust) => trust switch
    {
        CardTrust.NotSigned => "none",
        CardTrust.Verified => "verified",
        CardTrust.Wrong => "wrong",
        _ => "unchecked",
    };

    /// <summary>What a card says that its agent can do.</summary>
    public static IEnumerable<string> Capabilities(AgentCard card)
    {
        if (card.Capabilities is not { } capabilities)
        {
            yield break;
        }

        if (capabilities.Streaming)
        {
            yield return "streaming";
        }

        if (capabilities.PushNotifications)
        {
            yield return "push";
        }

        if (capabilities.ExtendedAgentCard)
        {
            yield return "extended-card";
        }

        foreach (var extension in capabilities.Extensions)
        {
            yield return extension.Required ? $"{extension.Uri} (required)" : extension.Uri;
        }
    }

    private static string Kind(SecurityScheme scheme) => scheme.SchemeCase switch
    {
        SecurityScheme.SchemeOneofCase.ApiKeySecurityScheme => $"key in {scheme.ApiKeySecurityScheme.Location} {scheme.ApiKeySecurityScheme.Name}",
        SecurityScheme.SchemeOneofCase.HttpAuthSecurityScheme => scheme.HttpAuthSecurityScheme.Scheme,
        SecurityScheme.SchemeOneofCase.Oauth2SecurityScheme => "OAuth 2",
        SecurityScheme.SchemeOneofCase.OpenIdConnectSecurityScheme => "OpenID Connect",
        SecurityScheme.SchemeOneofCase.MtlsSecurityScheme => "mutual TLS",
        _ => "unknown",
    };
}
