using Parley.Gateway.A2a;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client.Discovery;

/// <summary>Which interface of a card is spoken to.</summary>
public static class InterfaceChoice
{
    /// <summary>The interfaces that can be spoken to, in the card's order.</summary>
    public static IReadOnlyList<A2aEndpoint> Known(ResolvedCard card) =>
        [.. card.Card.SupportedInterfaces.Select(one => Read(one, card.Source)).OfType<A2aEndpoint>()];

    /// <summary>The best one: by version, then by binding, then by the card's order.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OperationNotSupported"/>: the card has none that is wanted.</exception>
    public static A2aEndpoint Choose(ResolvedCard card, A2aPreferences preferences) =>
        Known(card)
            .Where(one => Rank(preferences.Versions, one.Version) >= 0 && (preferences.Bindings.Count == 0 || Rank(preferences.Bindings, one.Binding) >= 0))
            .OrderBy(one => Rank(preferences.Versions, one.Version))
            .ThenBy(one => Rank(preferences.Bindings, one.Binding))
            .FirstOrDefault()
        ?? throw new ParleyException(ErrorCode.OperationNotSupported, "The agent's card names no interface that is spoken here in a wanted binding and version: parley card show lists them.");

    private static int Rank<T>(IReadOnlyList<T> wanted, T one)
    {
        for (var index = 0; index < wanted.Count; index++)
        {
            if (EqualityComparer<T>.Default.Equals(wanted[index], one))
            {
                return index;
            }
        }

        return -1;
    }

    private static A2aEndpoint? Read(AgentInterface one, Uri source) =>
        BindingNames.Find(one.ProtocolBinding) is { } binding && VersionOf(one.ProtocolVersion) is { } version && Absolute(one.Url, source) is { } url
            ? new A2aEndpoint(url, binding, version, one.Tenant)
            : null;

    // 0.2's messages are those of 0.3; a card that leaves its version away is one of 1.0, since only that has this list.
    private static A2aVersion? VersionOf(string text) => text.Split('.') switch
    {
        [""] or ["1", ..] => A2aVersion.V1,
        ["0", "3" or "2", ..] => A2aVersion.V03,
        _ => null,
    };

    // gRPC's addresses are often written without a scheme: then they are as safe as the way the card came.
    private static Uri? Absolute(string text, Uri source)
    {
        var full = text.StartsWith('/') ? source.GetLeftPart(UriPartial.Authority) + text
            : text.Contains("://", StringComparison.Ordinal) ? text
            : $"{source.Scheme}://{text}";
        return Uri.TryCreate(full, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0 ? url : null;
    }
}
