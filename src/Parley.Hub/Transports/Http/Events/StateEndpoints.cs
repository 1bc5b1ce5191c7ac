using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Hub.Connections;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.Events;

/// <summary>The routes of shared states: the body is the state or the patch itself, versions are entity tags.</summary>
internal sealed class StateEndpoints(Operations operations)
{
    /// <summary>Maps them.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/state/{agent}", GetAsync).RequireRole(Role.Agent, ApiScopes.State);
        routes.MapPut("/api/state/{agent}", context => WriteAsync(context, "state.set")).RequireRole(Role.Agent, ApiScopes.State);
        routes.MapPatch("/api/state/{agent}", context => WriteAsync(context, "state.patch")).RequireRole(Role.Agent, ApiScopes.State);
    }

    private async Task GetAsync(HttpContext context) => await AnswerAsync(context, "state.get", await OperationArguments.ReadAsync(context));

    private async Task WriteAsync(HttpContext context, string operation)
    {
        var body = await OperationArguments.ReadBodyAsync(context, OperationArguments.MaxEventBodyBytes);
        var output = new ArrayBufferWriter<byte>(body.Length + 256);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("agent", context.Request.RouteValues["agent"]?.ToString());
            json.WriteString("ifMatch", context.Request.Headers.IfMatch.ToString() is { Length: > 0 } tag ? tag : context.Request.Query["ifMatch"].ToString());
            foreach (var (name, value) in ChainHeaders.Of(context))
            {
                json.WriteString(name, value);
            }

            json.WritePropertyName("value");
            Copy(body, json);
            json.WriteEndObject();
        }

        await AnswerAsync(context, operation, output.WrittenMemory);
    }

    private async Task AnswerAsync(HttpContext context, string operation, ReadOnlyMemory<byte> arguments)
    {
        var result = await operations.InvokeAsync(context.Caller(), operation, arguments, CallerAddress.Of(context), context.RequestAborted);
        using (var answer = JsonDocument.Parse(result))
        {
            context.Response.Headers.ETag = $"\"{answer.RootElement.GetProperty("data").GetProperty("version").GetInt64()}\"";
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = result.Length;
        await context.Response.Body.WriteAsync(result, context.RequestAborted);
    }

    private static void Copy(byte[] body, Utf8JsonWriter json)
    {
        try
        {
            using var document = StrictJson.Parse(body, "The request's body");
            document.RootElement.WriteTo(json);
        }
        catch (InvalidOperationException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The request's body is no JSON.", exception);
        }
    }
}
