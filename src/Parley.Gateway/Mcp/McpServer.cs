using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Mcp;

/// <summary>Sends one message to the client. Calls for one client may overlap; the transport puts them in order.</summary>
public delegate ValueTask McpSend(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

/// <summary>The server's side of one session of the Model Context Protocol, whatever carries it: no sockets, no clock.</summary>
/// <remarks>
/// Requests are answered as they are done, in any order. A call that its client cancelled has no answer.
/// It offers tools and nothing else, and asks its client nothing.
/// </remarks>
public sealed class McpServer(McpServerCard card, IAgentToolHost host)
{
    /// <summary>The newest version that is spoken; also the answer to a client that wants one that is not.</summary>
    public const string Newest = "2025-11-25";

    private const string BatchVersion = "2025-03-26";
    private const int MaxRunning = 64;
    private const int InvalidParams = -32602;
    private const int Busy = -32000;

    private static readonly string[] _versions = [Newest, "2025-06-18", BatchVersion];

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new(StringComparer.Ordinal);

    /// <summary>The version that was agreed on; null before the handshake.</summary>
    public string? Version { get; private set; }

    /// <summary>Whether a version is spoken.</summary>
    public static bool Speaks(string version) => _versions.Contains(version, StringComparer.Ordinal);

    /// <summary>Serves the messages that came together, and completes when all their answers were sent.</summary>
    /// <param name="messages">What <see cref="McpIncoming.Read"/> gave.</param>
    /// <param name="sendAsync">Where answers go.</param>
    /// <param name="cancellationToken">The client is gone.</param>
    public Task HandleAsync(IReadOnlyList<McpIncoming> messages, McpSend sendAsync, CancellationToken cancellationToken) =>
        messages.Count > 1 && Version is not null and not BatchVersion
            ? sendAsync(McpAnswers.Error("null", McpIncoming.NotMessage, "This version of the protocol has no batches."), cancellationToken).AsTask()
            : Task.WhenAll(messages.Select(message => HandleAsync(message, sendAsync, cancellationToken)));

    private async Task HandleAsync(McpIncoming message, McpSend sendAsync, CancellationToken cancellationToken)
    {
        if (message.ErrorCode != 0)
        {
            var reason = message.ErrorCode == McpIncoming.NotJson ? "This is not JSON." : "This is no message of JSON-RPC 2.0.";
            await sendAsync(McpAnswers.Error(message.Id, message.ErrorCode, reason), cancellationToken);
        }
        else if (!message.IsRequest)
        {
            Hear(message);
        }
        else if (message.Method == "tools/call")
        {
            await CallAsync(message, sendAsync, cancellationToken);
        }
        else
        {
            await sendAsync(Answer(message), cancellationToken);
        }
    }

    private void Hear(McpIncoming message)
    {
        if (message.Method == "notifications/cancelled" && McpIncoming.IdOf(McpIncoming.Member(message.Params, "requestId")) is { } id && _running.TryGetValue(id, out var call))
        {
            // It may be over at the same moment.
            _ = CancelAsync(call);
        }
    }

    private ReadOnlyMemory<byte> Answer(McpIncoming request)
    {
        switch (request.Method)
        {
            case "initialize":
                var wanted = McpIncoming.Member(request.Params, "protocolVersion");
                if (wanted.ValueKind != JsonValueKind.String)
                {
                    return McpAnswers.Error(request.Id, InvalidParams, "The protocolVersion is missing.");
                }

                Version = _versions.FirstOrDefault(version => wanted.ValueEquals(version)) ?? Newest;
                return McpAnswers.Initialized(request.Id, Version, card);
            case "ping":
                return McpAnswers.Empty(request.Id);
            case "tools/list":
                return McpAnswers.Tools(request.Id, host.Tools);
            default:
                return McpAnswers.Error(request.Id, McpMessages.MethodUnknown, "This server has no such method.");
        }
    }

    private async Task CallAsync(McpIncoming request, McpSend sendAsync, CancellationToken cancellationToken)
    {
        var (name, arguments) = (McpIncoming.Member(request.Params, "name"), McpIncoming.Member(request.Params, "arguments"));
        var tool = name.ValueKind == JsonValueKind.String ? host.Tools.FirstOrDefault(one => name.ValueEquals(one.Name)) : null;
        if (tool is null || arguments.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object))
        {
            await sendAsync(McpAnswers.Error(request.Id, InvalidParams, tool is null ? "This server has no such tool." : "The arguments are an object."), cancellationToken);
            return;
        }

        using var call = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_running.Count >= MaxRunning || !_running.TryAdd(request.Id, call))
        {
            await sendAsync(McpAnswers.Error(request.Id, Busy, "Too many calls at once, or two of one id."), cancellationToken);
            return;
        }

        try
        {
            var answer = await RunAsync(tool, arguments, ProgressOf(request, sendAsync, call.Token), call.Token);
            await DeliverAsync(request, answer, sendAsync, call.Token);
        }
        finally
        {
            _running.TryRemove(request.Id, out _);
        }
    }

    /// <summary>Runs the tool; null when nobody wants the result any more.</summary>
    private async Task<AgentToolAnswer?> RunAsync(AgentTool tool, JsonElement arguments, Action<string> progress, CancellationToken cancellationToken)
    {
        try
        {
            return await host.CallAsync(tool.Name, new ToolArguments(arguments), progress, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (ParleyException refusal)
        {
            return AgentToolAnswer.Refused(refusal, host.Unread);
        }
        catch (Exception exception)
        {
            host.OnDefect(exception);
            return AgentToolAnswer.Refused(new ParleyException(ErrorCode.Internal, "The tool failed for a reason of its own."), host.Unread);
        }
    }

    private static async Task DeliverAsync(McpIncoming request, AgentToolAnswer? answer, McpSend sendAsync, CancellationToken cancellationToken)
    {
        if (answer is null)
        {
            return;
        }

        var isSent = false;
        try
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                await sendAsync(McpAnswers.Called(request.Id, answer), cancellationToken);
                isSent = true;
            }
        }
        finally
        {
            answer.Settled?.Invoke(isSent);
        }
    }

    private static Action<string> ProgressOf(McpIncoming request, McpSend sendAsync, CancellationToken cancellationToken)
    {
        var token = request.ProgressToken;
        var step = 0;
        return token.Length == 0 ? _ => { }
            : message => _ = SendQuietlyAsync(McpAnswers.Progress(token, Interlocked.Increment(ref step), message), sendAsync, cancellationToken);
    }

    // Progress is worth nothing to a client that is gone, and the answer will find out by itself.
    private static async Task SendQuietlyAsync(ReadOnlyMemory<byte> message, McpSend sendAsync, CancellationToken cancellationToken)
    {
        try
        {
            await sendAsync(message, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private static async Task CancelAsync(CancellationTokenSource call)
    {
        try
        {
            await call.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
