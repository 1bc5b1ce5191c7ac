using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Gateway.A2a;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;

namespace Parley.Hub.Transports.Http.Cards;

/// <summary>Discovery: cards of agents, the key set that checks their signatures, and the catalog of the agents that a caller may know of.</summary>
/// <remarks>A key is not needed, and is read where one is sent: guests find public agents. An agent that is not for the caller looks like one that does not exist.</remarks>
internal sealed class CardEndpoints(AgentCards cards, CardSigner signer, HubKey hub, HubOptions options, TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Get("/agents/{agentId}/.well-known/agent-card.json", CardAsync);
        Get("/agents/{agentId}/.well-known/agent.json", CardAsync);
        Get("/{agentId}/.well-known/agent-card.json", CardAsync);
        Get("/{agentId}/.well-known/agent.json", SeedCardAsync);
        Get("/.well-known/agent-card.json", CardAsync);
        Get("/.well-known/agent.json", CardAsync);
        Get("/.well-known/ai-catalog.json", CatalogAsync);
        Get(CardSigner.KeySetPath, context => CachedAnswer.WriteAsync(context, signer.KeySet, _startedAt, CachedAnswer.KeyAge, isForAll: true));

        void Get(string path, RequestDelegate handler) => routes.MapGet(path, handler).AllowGuests(isKeyRead: true);
    }

    private Task CardAsync(HttpContext context)
    {
        var card = Find(context, out var isPublic);
        return CachedAnswer.WriteAsync(context, card.Form(VersionOf(context)), card.MadeAt, CachedAnswer.CardAge, isPublic);
    }

    private Task SeedCardAsync(HttpContext context)
    {
        var card = Find(context, out var isPublic);
        var tools = card.Capabilities.Where(word => word.StartsWith(ListenerCapabilities.ToolPrefix, StringComparison.Ordinal)).Select(word => word[ListenerCapabilities.ToolPrefix.Length..]);
        var text = card.SeedForm(new Uri(PublicBase.Of(context, options), $"/{card.Agent.Address}/a2a").ToString(), [.. tools.Order(StringComparer.Ordinal)]);
        return CachedAnswer.WriteAsync(context, text, card.MadeAt, CachedAnswer.CardAge, isPublic);
    }

    private Task CatalogAsync(HttpContext context)
    {
        var text = CardText.Of(CardCatalog.Write(PublicBase.Of(context, options), hub.Id, cards.VisibleTo(context.Caller())));
        return CachedAnswer.WriteAsync(context, text, changedAt: null, CachedAnswer.CardAge, context.Caller().Role == Role.Guest);
    }

    private ServedCard Find(HttpContext context, out bool isPublic)
    {
        AgentAddress agent = cards.Find(context.Caller(), context.Request.RouteValues["agentId"]?.ToString() ?? string.Empty);
        var card = cards.Serve(agent, isExtended: false, PublicBase.Of(context, options));
        isPublic = card.Agent.Visibility == AgentVisibility.Public;
        return card;
    }

    private static string? VersionOf(HttpContext context) =>
        context.Request.Headers.TryGetValue(A2aNegotiation.VersionHeader, out var header) ? header.ToString() : context.Request.Query[A2aNegotiation.VersionHeader];
}
