using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Gateway.Mcp;
using Parley.Hub.AgentApi.Mcp;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.Mcp;

/// <summary>The Model Context Protocol over Streamable HTTP, and the same tools as OpenAI's API has them: docs/protocol/mcp.md.</summary>
internal sealed class McpEndpoints(McpSessions sessions, AgentCallRates rates, EventStreams streams, HubOptions options)
{
    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const int MaxBodyBytes = 17 * 1024 * 1024;

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/mcp", PostAsync).RequireRole(Role.Agent, ApiScopes.Messages);
        routes.MapDelete("/mcp", EndAsync).RequireRole(Role.Agent, ApiScopes.Messages);
        routes.MapGet("/v1/tools", ListAsync).RequireRole(Role.Agent, ApiScopes.Messages);
    }

    private static Task ListAsync(HttpContext context)
    {
        var output = new ArrayBufferWriter<byte>();
        AgentToolSchemas.WriteFunctions(output, AgentToolSchemas.All);
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(output.WrittenMemory, context.RequestAborted).AsTask();
    }

    private async Task PostAsync(HttpContext context)
    {
        Check(context);
        rates.Take(context.Caller());
        var messages = McpIncoming.Read(await OperationArguments.ReadBodyAsync(context, MaxBodyBytes));
        var isFirst = messages.Any(message => message.Method == "initialize");
        var session = isFirst ? sessions.Begin(context.Caller()) : sessions.Enter(context.Caller(), SessionOf(context));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, streams.Stopping);
        try
        {
            context.Response.Headers[SessionHeader] = session.Id;
            context.Response.Headers.CacheControl = "no-store";
            await AnswerAsync(context, session.Server, messages, ending.Token);
        }
        catch (OperationCanceledException) when (streams.Stopping.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            throw EventStreams.StoppingRefusal();
        }
        finally
        {
            sessions.Leave(session);
        }
    }

    // One answer is one JSON object; where more than one message may go back, they are events.
    private static async Task AnswerAsync(HttpContext context, McpServer server, IReadOnlyList<McpIncoming> messages, CancellationToken cancellationToken)
    {
        var owed = messages.Where(message => message.IsRequest).ToList();
        if (owed.Count == 0)
        {
            await server.HandleAsync(messages, (_, _) => ValueTask.CompletedTask, cancellationToken);
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        var isPlain = owed.Count == 1 && owed[0].ProgressToken.Length == 0;
        context.Response.ContentType = isPlain ? "application/json" : "text/event-stream";
        using var turn = new SemaphoreSlim(1);
        await server.HandleAsync(
            messages,
            async (message, token) =>
            {
                await turn.WaitAsync(token);
                try
                {
                    await WriteAsync(context, message, isPlain, token);
                }
                finally
                {
                    turn.Release();
                }
            },
            cancellationToken);
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> message, bool isPlain, CancellationToken cancellationToken)
    {
        var body = context.Response.BodyWriter;
        if (!isPlain)
        {
            body.Write("event: message\ndata: "u8);
        }

        body.Write(message.Span);
        if (!isPlain)
        {
            body.Write("\n\n"u8);
        }

        await body.FlushAsync(cancellationToken);
    }

    private Task EndAsync(HttpContext context)
    {
        Check(context);
        var session = sessions.Enter(context.Caller(), SessionOf(context));
        sessions.End(session);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>A page in a browser must not use a hub on its reader's machine: pages of other origins are refused, key or not.</summary>
    private void Check(HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        var isOwn = Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority == PublicBase.Of(context, options).Authority;
        if (origin.Length > 0 && !isOwn && !options.CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "Pages of that origin may not use this door.");
        }

        var version = context.Request.Headers[VersionHeader].ToString();
        if (version.Length > 0 && !McpServer.Speaks(version))
        {
            throw new ParleyException(ErrorCode.ProtocolVersion, "That version of the Model Context Protocol is not spoken here.");
        }
    }

    private static string SessionOf(HttpContext context) => context.Request.Headers[SessionHeader].ToString() is { Length: > 0 } id ? id
        : throw new ParleyException(ErrorCode.InvalidArgument, $"The header {SessionHeader} is missing: begin with initialize.");
}
