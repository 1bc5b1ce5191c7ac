using System.Text.Json;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Client.Responders.Mcp;

/// <summary>A configured MCP server: started when it is first needed, and again after it ended. Thread-safe.</summary>
/// <remarks>After a failed start the next waits: 1 s, doubled up to a minute, so that a server that cannot start does not hold up every message.</remarks>
internal sealed class McpServer(string name, Func<IMcpTransport> connect, string clientVersion, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Time for the start and the handshake.</summary>
    public static readonly TimeSpan StartTime = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _gate = new(1);
    private McpSession? _session;
    private TimeSpan _pause;
    private long _failedAt;

    /// <summary>Its name in the configuration.</summary>
    public string Name => name;

    /// <summary>The tools that it has now.</summary>
    public async Task<IReadOnlyList<McpTool>> ListToolsAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(StartTime, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var session = await SessionAsync(linked.Token);
            return await session.ListToolsAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable("it does not answer");
        }
    }

    /// <summary>Calls a tool.</summary>
    public async Task<McpToolResult> CallAsync(string tool, JsonElement arguments, CancellationToken cancellationToken)
    {
        var session = await SessionAsync(cancellationToken);
        return await session.CallAsync(tool, arguments, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        if (_session is { } session)
        {
            await session.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<McpSession> SessionAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _session) is { HasEnded: false } open)
        {
            return open;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _session is { HasEnded: false } ready ? ready : await OpenAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<McpSession> OpenAsync(CancellationToken cancellationToken)
    {
        if (_session is { } ended)
        {
            _session = null;
            await ended.DisposeAsync();
        }

        if (_pause > TimeSpan.Zero && clock.GetElapsedTime(_failedAt) < _pause)
        {
            throw Unavailable("it could not be started a moment ago");
        }

        McpSession? session = null;
        try
        {
            session = new McpSession(connect(), clientVersion, clock);
            await session.OpenAsync(cancellationToken);
            _pause = TimeSpan.Zero;
            Volatile.Write(ref _session, session);
            return session;
        }
        catch (Exception exception)
        {
            _failedAt = clock.GetTimestamp();
            _pause = _pause == TimeSpan.Zero ? _firstPause : _pause * 2 < _longestPause ? _pause * 2 : _longestPause;
            if (session is not null)
            {
                await session.DisposeAsync();
            }

            throw exception is ParleyException refusal ? Unavailable(refusal.Message.TrimEnd('.')) : exception;
        }
    }

    private ParleyException Unavailable(string why) => new(ErrorCode.ResponderFailed, $"The MCP server {name} is not available: {why}.");
}
