using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Hub.Management;
using Parley.Hub.Telemetry;
using Parley.Hub.Transports.Http.OpenApi;

namespace Parley.Hub.Transports.Http;

/// <summary>The routes under <c>/api</c> that are operations: this table is all that HTTP adds.</summary>
internal static partial class OperationEndpoints
{
    private static readonly (string Method, string Path, string Operation, int Status)[] _routes =
    [
        ("GET", "/api/agents", "agents.list", 200),
        ("GET", "/api/agents/{agent}", "agents.get", 200),
        ("PATCH", "/api/agents/{agent}", "agents.label", 200),
        ("DELETE", "/api/agents/{agent}", "agents.remove", 200),
        ("POST", "/api/agents/{agent}/rename", "agents.rename", 200),
        ("POST", "/api/agents/{agent}/reset-key", "agents.reset-key", 201),
        ("GET", "/api/agents/{agent}/card", "card.get", 200),
        ("PUT", "/api/agents/{agent}/card", "card.put", 200),
        ("DELETE", "/api/agents/{agent}/card", "card.reset", 200),
        ("GET", "/api/tokens", "tokens.list", 200),
        ("POST", "/api/tokens", "tokens.create", 201),
        ("DELETE", "/api/tokens/{id}", "tokens.revoke", 200),
        ("GET", "/api/keys", "keys.list", 200),
        ("POST", "/api/keys", "keys.create", 201),
        ("DELETE", "/api/keys/{id}", "keys.revoke", 200),
        ("GET", "/api/contacts", "contacts.list", 200),
        ("POST", "/api/contacts/accept", "contacts.accept", 200),
        ("POST", "/api/contacts/block", "contacts.block", 200),
        ("GET", "/api/agent-connections", "connections.list", 200),
        ("POST", "/api/agent-connections", "connections.create", 201),
        ("GET", "/api/agent-connections/{id}", "connections.get", 200),
        ("PUT", "/api/agent-connections/{id}", "connections.update", 200),
        ("PATCH", "/api/agent-connections/{id}", "connections.update", 200),
        ("DELETE", "/api/agent-connections/{id}", "connections.delete", 200),
        ("POST", "/api/agent-connections/{id}/pause", "connections.pause", 200),
        ("POST", "/api/agent-connections/{id}/resume", "connections.resume", 200),
        ("POST", "/api/agent-connections/{id}/rotate-secret", "connections.rotate", 200),
        ("POST", "/api/agent-connections/{id}/test", "connections.test", 200),
        ("POST", "/api/agent-connections/{id}/replay", "connections.replay", 200),
        ("GET", "/api/deliveries", "deliveries.list", 200),
        ("GET", "/api/deliveries/{id}", "deliveries.get", 200),
        ("POST", "/api/deliveries/{id}/replay", "deliveries.replay", 200),
        ("POST", "/api/events", "events.emit", 202),
        ("GET", "/api/events", "events.list", 200),
        ("GET", "/api/messages", "messages.list", 200),
        ("GET", "/api/secrets", "secrets.list", 200),
        ("PUT", "/api/secrets/{name}", "secrets.set", 200),
        ("DELETE", "/api/secrets/{name}", "secrets.delete", 200),
        ("GET", "/api/budgets", "budgets.list", 200),
        ("GET", "/api/budgets/{agent}", "budgets.get", 200),
        ("PATCH", "/api/budgets/{agent}", "budgets.set", 200),
        ("POST", "/api/budgets/{agent}/reset", "budgets.reset", 200),
        ("GET", "/api/schedules", "schedules.list", 200),
        ("POST", "/api/schedules", "schedules.create", 201),
        ("GET", "/api/schedules/{id}", "schedules.get", 200),
        ("PUT", "/api/schedules/{id}", "schedules.update", 200),
        ("PATCH", "/api/schedules/{id}", "schedules.update", 200),
        ("DELETE", "/api/schedules/{id}", "schedules.delete", 200),
        ("POST", "/api/schedules/{id}/pause", "schedules.pause", 200),
        ("POST", "/api/schedules/{id}/resume", "schedules.resume", 200),
        ("POST", "/api/schedules/{id}/run", "schedules.run", 200),
        ("GET", "/api/state", "state.list", 200),
        ("GET", "/api/audit", "audit.list", 200),
        ("POST", "/api/drain", "hub.drain", 200),
        ("GET", "/api/status", "hub.status", 200),
        ("GET", "/api/whoami", "whoami", 200),
    ];

    /// <summary>Maps the table, and the description of the interface (OpenAPI), which says nothing that a guest may not know.</summary>
    public static void MapOperations(this IEndpointRouteBuilder routes)
    {
        var operations = routes.ServiceProvider.GetRequiredService<Operations>();
        var described = new Lazy<byte[]>(() => JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Make(operations, _routes, MessageTelemetry.Version), DescriptionJson.Default.JsonObject));
        routes.MapGet("/openapi/v1.json", context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.Body.WriteAsync(described.Value, context.RequestAborted).AsTask();
        }).AllowGuests();
        foreach (var (method, path, name, status) in _routes)
        {
            var operation = operations[name];
            routes.MapMethods(path, [method], context => RunAsync(operations, name, status, context)).RequireRole(operation.Role, operation.Scopes);
        }
    }

    [JsonSerializable(typeof(JsonObject))]
    private sealed partial class DescriptionJson : JsonSerializerContext;

    private static async Task RunAsync(Operations operations, string name, int status, HttpContext context)
    {
        var arguments = name == "events.emit" || (name.StartsWith("schedules.", StringComparison.Ordinal) && !HttpMethods.IsGet(context.Request.Method))
            ? await OperationArguments.ReadAsync(context, OperationArguments.MaxEventBodyBytes, ChainHeaders.Of(context))
            : await OperationArguments.ReadAsync(context);
        var result = await operations.InvokeAsync(context.Caller(), name, arguments, CallerAddress.Of(context), context.RequestAborted);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = result.Length;

        // A change that was made is told, also one that ended the caller's own key.
        await context.Response.Body.WriteAsync(result, HttpMethods.IsGet(context.Request.Method) ? context.RequestAborted : CancellationToken.None);
    }
}
