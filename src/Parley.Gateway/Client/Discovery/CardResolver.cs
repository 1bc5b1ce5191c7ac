using System.Text.Json;
using Parley.Gateway.A2a;
using Parley.Gateway.A2a.Translation;
using Parley.Gateway.Client.Bindings;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using V03 = Parley.Gateway.Wire.V03;

namespace Parley.Gateway.Client.Discovery;

/// <summary>Finds an agent's card from its address: the card's own, or the base below which the well-known places are.</summary>
/// <param name="invoker">Sends the requests.</param>
/// <param name="options">Proof, limits, clock.</param>
public sealed class CardResolver(HttpMessageInvoker invoker, A2aClientOptions options)
{
    private const string WellKnown = "/.well-known/";
    private const string Place = WellKnown + "agent-card.json";
    private const string OldPlace = WellKnown + "agent.json";

    /// <summary>Fetches the card.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>: none of the places has one; <see cref="ErrorCode.AgentAnswerInvalid"/>: what is there is none; failures of the connection.</exception>
    public async Task<ResolvedCard> ResolveAsync(Uri address, CancellationToken cancellationToken)
    {
        var invalid = default(ParleyException);
        foreach (var place in Places(address))
        {
            var http = new A2aHttp(invoker, new A2aEndpoint(place, A2aBinding.HttpJson, A2aVersion.V1), options);
            var answer = await http.CallAsync(HttpMethod.Get, place, null, options.CallTimeout, cancellationToken);
            if (answer.IsSuccess)
            {
                try
                {
                    return Read(answer.Body, place, options.Limits);
                }
                catch (ParleyException exception) when (exception.Code == ErrorCode.AgentAnswerInvalid)
                {
                    // Some servers answer every path with a page.
                    invalid ??= exception;
                }
            }
            else if (answer.Status is not (404 or 405 or 410))
            {
                throw RemoteRefusal.OfRest(answer.Body, answer.Status, A2aOperation.GetExtendedCard);
            }
        }

        throw invalid ?? new ParleyException(ErrorCode.NotFound, $"There is no agent card at this address, nor at {Place} or {OldPlace} below it. One that is not public is shown only to callers with a token.");
    }

    /// <summary>Reads the text of a card, whichever version it is in; a blended card is read as 1.0.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>.</exception>
    public static ResolvedCard Read(ReadOnlyMemory<byte> json, Uri source, JsonLimits limits)
    {
        using var document = Failures.Document(json, limits);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Failures.Empty("agent card");
        }

        if (root.TryGetProperty("supportedInterfaces", out _) || root.TryGetProperty("supported_interfaces", out _))
        {
            var card = Failures.Parse<AgentCard>(JsonDialect.V1, json, limits);
            return Checked(new ResolvedCard(card, source, A2aVersion.V1, json) { IsSigned = card.Signatures.Count > 0 });
        }

        var old = Failures.Parse<V03.AgentCard>(JsonDialect.Kind, json, limits);
        return Checked(new ResolvedCard(CardTranslation.ToV1(old, new Losses()), source, A2aVersion.V03, json) { IsSigned = old.Signatures.Count > 0 });
    }

    private static ResolvedCard Checked(ResolvedCard card) =>
        card.Card.Name.Length > 0 && card.Card.SupportedInterfaces.Count > 0 ? card : throw Failures.Empty("name or no interface: it is no agent card");

    private static IEnumerable<Uri> Places(Uri address)
    {
        var path = address.AbsolutePath;
        if (path.Contains(WellKnown, StringComparison.Ordinal) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return [address];
        }

        var below = address.GetLeftPart(UriPartial.Path).TrimEnd('/');
        return [new Uri(below + Place), new Uri(below + OldPlace), address];
    }
}
