using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Mcp;

/// <summary>One conversation with an MCP server, from the handshake to its end. Thread-safe.</summary>
/// <remarks>As a client it offers nothing: pings are answered, every other request of the server is refused.</remarks>
internal sealed class McpSession : IAsyncDisposable
{
    private const int MaxPages = 100;
    private const int MaxTools = 512;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<McpFrame>> _pending = new(StringComparer.Ordinal);
    private readonly IMcpTransport _transport;
    private readonly string _clientVersion;
    private readonly TimeProvider _clock;
    private IReadOnlyList<McpTool>? _tools;
    private int _listVersion;
    private long _lastId;
    private volatile bool _hasEnded;

    /// <summary>A session that has not begun.</summary>
    public McpSession(IMcpTransport transport, string clientVersion, TimeProvider clock)
    {
        _clock = clock;
        _transport = transport;
        _clientVersion = clientVersion;
    }

    /// <summary>The server is gone: nothing more can be asked.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>The handshake.</summary>
    /// <exception cref="ParleyException">The server is none, or speaks a version that nobody here knows.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _transport.Start(Receive, End);
        var answer = await AskAsync(id => McpMessages.Initialize(id, _clientVersion), cancellationToken);
        var version = answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("protocolVersion", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
        if (!McpMessages.IsKnownVersion(version))
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The MCP server speaks no version of the protocol that Parley knows.");
        }

        await _transport.SendAsync(McpMessages.Initialized(), cancellationToken);
        _transport.Agree(version);
    }

    /// <summary>The server's tools; asked for again when it says that they changed.</summary>
    public async Task<IReadOnlyList<McpTool>> ListToolsAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _tools) is { } known)
        {
            return known;
        }

        var listVersion = Volatile.Read(ref _listVersion);
        var tools = new List<McpTool>();
        string? cursor = null;
        for (var page = 0; page < MaxPages && tools.Count < MaxTools; page++)
        {
            var at = cursor;
            var (some, next) = McpTool.ReadPage(await AskAsync(id => McpMessages.ListTools(id, at), cancellationToken));
            tools.AddRange(some);
            cursor = next;
            if (cursor is null)
            {
                break;
            }
        }

        IReadOnlyList<McpTool> list = [.. tools.Take(MaxTools)];
        if (listVersion == Volatile.Read(ref _listVersion))
        {
            Volatile.Write(ref _tools, list);
        }

        return list;
    }

    /// <summary>Calls a tool.</summary>
    public async Task<McpToolResult> CallAsync(string tool, JsonElement arguments, CancellationToken cancellationToken) =>
        McpToolResult.Read(await AskAsync(id => McpMessages.CallTool(id, tool, arguments), cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End();
        await _transport.DisposeAsync();
    }

    private async Task<JsonElement> AskAsync(Func<long, ReadOnlyMemory<byte>> write, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var key = id.ToString();
        var answer = new TaskCompletionSource<McpFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[key] = answer;
        try
        {
            if (_hasEnded)
            {
                throw Gone();
            }

            await _transport.SendAsync(write(id), cancellationToken);
            if (_transport.AnswersWithinSend && !answer.Task.IsCompleted)
            {
                throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The MCP server did not answer.");
            }

            var frame = await answer.Task.WaitAsync(cancellationToken);
            return frame.Error is null ? frame.Body : throw new ParleyException(ErrorCode.ResponderFailed, $"The MCP server refused: {frame.Error}");
        }
        catch (OperationCanceledException)
        {
            _ = TellAsync(McpMessages.Cancelled(id));
            throw;
        }
        finally
        {
            _pending.TryRemove(key, out _);
        }
    }

    private void Receive(ReadOnlyMemory<byte> message)
    {
        foreach (var frame in McpFrame.Read(message))
        {
            switch (frame.Kind)
            {
                case McpFrameKind.Answer:
                    if (_pending.TryRemove(frame.Id, out var waiting))
                    {
                        waiting.TrySetResult(frame);
                    }

                    break;
                case McpFrameKind.Request:
                    _ = TellAsync(frame.Method == "ping" ? McpMessages.Nothing(frame.Id) : McpMessages.Refuse(frame.Id));
                    break;
                case McpFrameKind.Notification when frame.Method == "notifications/tools/list_changed":
                    Interlocked.Increment(ref _listVersion);
                    Volatile.Write(ref _tools, null);
                    break;
                default:
                    // Logs and progress: nobody here waits for them.
                    break;
            }
        }
    }

    // Worth nothing when it does not arrive.
    private async Task TellAsync(ReadOnlyMemory<byte> message)
    {
        using var patience = new CancellationTokenSource(_patience, _clock);
        try
        {
            await _transport.SendAsync(message, patience.Token);
        }
        catch (Exception exception) when (exception is ParleyException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private void End()
    {
        _hasEnded = true;
        foreach (var (_, waiting) in _pending)
        {
            waiting.TrySetException(Gone());
        }
    }

    private static ParleyException Gone() => new(ErrorCode.ResponderFailed, "The MCP server has ended.");
}
