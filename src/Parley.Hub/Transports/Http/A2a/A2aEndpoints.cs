using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Parley.Hub.Identity;
using Parley.Protocol.Identity;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>The routes of A2A over HTTP. docs/protocol/a2a.md says which client uses which.</summary>
internal sealed class A2aEndpoints(JsonRpcDoor jsonRpc, RestDoor rest)
{
    /// <summary>The value of a path that names the agent.</summary>
    public const string AgentValue = "agentId";

    // One agent's own address; the hub's, where the request names the agent or means the default one; and, for REST, the tenant in the path.
    private static readonly string[] _restPrefixes = ["/agents/{agentId}/", "/", "/{agentId}/"];

    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in new[] { "/", "/agents/{agentId}", "/{agentId}/a2a", "/a2a" })
        {
            Map(routes, "POST", path, context => jsonRpc.AnswerAsync(context, isSeedStream: false), JsonRpcDoor.Refusals);
        }

        foreach (var path in new[] { "/{agentId}/a2a/stream", "/a2a/stream" })
        {
            Map(routes, "POST", path, context => jsonRpc.AnswerAsync(context, isSeedStream: true), JsonRpcDoor.Refusals);
        }

        foreach (var (prefix, route) in _restPrefixes.SelectMany(prefix => RestRoute.All.Select(route => (prefix, route))))
        {
            Map(routes, route.Method, prefix + route.Path, context => rest.AnswerAsync(context, route), RestDoor.Refusals);
        }

        foreach (var route in RestRoute.Old)
        {
            Map(routes, route.Method, _restPrefixes[0] + route.Path, context => rest.AnswerAsync(context, route), RestDoor.OldRefusals);
        }
    }

    private static void Map(IEndpointRouteBuilder routes, string method, string path, RequestDelegate handler, RefusalForm refusals)
    {
        var pattern = RoutePatternFactory.Parse(path, defaults: null, path.StartsWith("/{agentId}", StringComparison.Ordinal) ? new RouteValueDictionary { [AgentValue] = new AgentName() } : null);
        routes.Map(pattern, handler).WithDisplayName($"{method} {path}").WithMetadata(new HttpMethodMetadata([method]), refusals).RequireRole(Role.Agent, ApiScopes.Messages);
    }

    /// <summary>What the first part of a path must be to name an agent: not one of the hub's own words.</summary>
    private sealed class AgentName : IRouteConstraint
    {
        public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            values[routeKey] is string text && (AgentAddress.TryParse(text, out _) || (Names.IsValid(text) && !Names.Reserved.Contains(text)));
    }
}
