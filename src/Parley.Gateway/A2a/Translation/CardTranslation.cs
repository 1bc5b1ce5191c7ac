using Google.Protobuf;
using V03 = Parley.Gateway.Wire.V03;
using V1 = Parley.Gateway.Wire.V1;

namespace Parley.Gateway.A2a.Translation;

/// <summary>Agent cards between 0.3 and 1.0.</summary>
/// <remarks>Signatures are not translated: they cover the card of one version. A 0.3 card names the interfaces that speak 0.3, a 1.0 card may name both.</remarks>
public static class CardTranslation
{
    /// <summary>What 0.3 cards say of themselves.</summary>
    public const string OldVersion = "0.3.0";

    private const string OldInterface = "0.3";
    private const string DefaultTransport = "JSONRPC";

    /// <summary>To 1.0.</summary>
    public static V1.AgentCard ToV1(V03.AgentCard card, Losses losses)
    {
        losses.AddIf(card.Signatures.Count > 0, "signatures");
        losses.AddIf(card.Capabilities?.HasStateTransitionHistory == true, "capabilities.stateTransitionHistory");
        var result = new V1.AgentCard
        {
            Name = card.Name,
            Description = card.Description,
            Provider = card.Provider is { } provider ? Same(provider, V1.AgentProvider.Parser) : null,
            Version = card.Version,
            Capabilities = new V1.AgentCapabilities { Extensions = { (card.Capabilities?.Extensions ?? []).Select(one => Same(one, V1.AgentExtension.Parser)) } },
            SecurityRequirements = { card.Security.Select(one => Same(one, V1.SecurityRequirement.Parser)) },
            DefaultInputModes = { card.DefaultInputModes },
            DefaultOutputModes = { card.DefaultOutputModes },
            Skills = { card.Skills.Select(one => Same(one, V1.AgentSkill.Parser)) },
            SupportedInterfaces = { Interfaces(card) },
        };
        AddOptional(result, card);
        foreach (var (name, scheme) in card.SecuritySchemes)
        {
            var flows = scheme.Oauth2SecurityScheme?.Flows;
            losses.AddIf(
                new object?[] { flows?.AuthorizationCode, flows?.ClientCredentials, flows?.Implicit, flows?.Password }.Count(flow => flow is not null) > 1,
                "securitySchemes.oauth2.flows beyond the first");
            result.SecuritySchemes[name] = Same(scheme, V1.SecurityScheme.Parser);
            KeepFirst(flows, result.SecuritySchemes[name].Oauth2SecurityScheme?.Flows);
        }

        return result;
    }

    /// <summary>To 0.3.</summary>
    public static V03.AgentCard ToV03(V1.AgentCard card, Losses losses)
    {
        losses.AddIf(card.Signatures.Count > 0, "signatures");
        var interfaces = card.SupportedInterfaces.Where(one => one.ProtocolVersion.StartsWith(OldInterface, StringComparison.Ordinal)).ToList();
        losses.AddIf(interfaces.Count == 0, "supportedInterfaces: none speaks 0.3");
        losses.AddIf(interfaces.Exists(one => one.Tenant.Length > 0), "supportedInterfaces.tenant");
        var result = new V03.AgentCard
        {
            ProtocolVersion = OldVersion,
            Name = card.Name,
            Description = card.Description,
            Provider = card.Provider is { } provider ? Same(provider, V03.AgentProvider.Parser) : null,
            Version = card.Version,
            DocumentationUrl = card.DocumentationUrl,
            IconUrl = card.IconUrl,
            Capabilities = new V03.AgentCapabilities { Extensions = { (card.Capabilities?.Extensions ?? []).Select(one => Same(one, V03.AgentExtension.Parser)) } },
            Security = { card.SecurityRequirements.Select(one => Same(one, V03.Security.Parser)) },
            DefaultInputModes = { card.DefaultInputModes },
            DefaultOutputModes = { card.DefaultOutputModes },
            Skills = { card.Skills.Select(one => Same(one, V03.AgentSkill.Parser)) },
            SupportsAuthenticatedExtendedCard = card.Capabilities?.ExtendedAgentCard == true,
            Url = interfaces.FirstOrDefault()?.Url ?? string.Empty,
            PreferredTransport = interfaces.FirstOrDefault()?.ProtocolBinding ?? string.Empty,
            AdditionalInterfaces = { interfaces.Select(one => new V03.AgentInterface { Url = one.Url, Transport = one.ProtocolBinding }) },
        };
        if (card.Capabilities is { HasStreaming: true } streaming)
        {
            result.Capabilities.Streaming = streaming.Streaming;
        }

        if (card.Capabilities is { HasPushNotifications: true } push)
        {
            result.Capabilities.PushNotifications = push.PushNotifications;
        }

        foreach (var (name, scheme) in card.SecuritySchemes)
        {
            losses.AddIf(scheme.Oauth2SecurityScheme?.Flows?.DeviceCode is not null, "securitySchemes.oauth2.flows.deviceCode");
            losses.AddIf(scheme.Oauth2SecurityScheme?.Flows?.AuthorizationCode?.PkceRequired == true, "securitySchemes.oauth2.flows.authorizationCode.pkceRequired");
            result.SecuritySchemes[name] = Same(scheme, V03.SecurityScheme.Parser);
        }

        return result;
    }

    private static void AddOptional(V1.AgentCard result, V03.AgentCard card)
    {
        if (card.DocumentationUrl.Length > 0)
        {
            result.DocumentationUrl = card.DocumentationUrl;
        }

        if (card.IconUrl.Length > 0)
        {
            result.IconUrl = card.IconUrl;
        }

        if (card.Capabilities is { HasStreaming: true } streaming)
        {
            result.Capabilities.Streaming = streaming.Streaming;
        }

        if (card.Capabilities is { HasPushNotifications: true } push)
        {
            result.Capabilities.PushNotifications = push.PushNotifications;
        }

        if (card.SupportsAuthenticatedExtendedCard)
        {
            result.Capabilities.ExtendedAgentCard = true;
        }
    }

    private static IEnumerable<V1.AgentInterface> Interfaces(V03.AgentCard card)
    {
        var preferred = new V03.AgentInterface { Url = card.Url, Transport = card.PreferredTransport.Length > 0 ? card.PreferredTransport : DefaultTransport };
        return card.AdditionalInterfaces.Prepend(preferred).Where(one => one.Url.Length > 0).Distinct()
            .Select(one => new V1.AgentInterface { Url = one.Url, ProtocolBinding = one.Transport, ProtocolVersion = OldInterface });
    }

    // On the wire the last alternative wins; the first is the better one.
    private static void KeepFirst(V03.OAuthFlows? from, V1.OAuthFlows? to)
    {
        if (from?.AuthorizationCode is { } code)
        {
            to!.AuthorizationCode = Same(code, V1.AuthorizationCodeOAuthFlow.Parser);
        }
        else if (from?.ClientCredentials is { } credentials)
        {
            to!.ClientCredentials = Same(credentials, V1.ClientCredentialsOAuthFlow.Parser);
        }
    }

    // These types have the same fields under the same numbers in both versions; what only one knows is left out.
    private static T Same<T>(IMessage from, MessageParser<T> parser)
        where T : IMessage<T> => parser.WithDiscardUnknownFields(true).ParseFrom(from.ToByteString());
}
