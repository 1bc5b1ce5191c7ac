using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Client.Responders.Tools;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Responders.Mcp;

/// <summary>The tools of the configured MCP servers, as far as the listener's owner lets the model use them.</summary>
/// <remarks>A model knows them as <c>SERVER__TOOL</c>. A server that is down has none until it is back.</remarks>
public sealed partial class McpTools : IToolSource, IAsyncDisposable
{
    private const int MaxNameLength = 64;
    private const int HashLength = 8;

    private readonly ConcurrentDictionary<string, (McpServer Server, string Tool)> _places = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<McpServer> _servers;
    private readonly Func<string, string, bool> _isAllowed;
    private readonly ILogger<McpTools> _log;

    private McpTools(IReadOnlyList<McpServer> servers, Func<string, string, bool> isAllowed, ILogger<McpTools> log)
    {
        _servers = servers;
        _isAllowed = isAllowed;
        _log = log;
    }

    /// <summary>Tools of these servers; none is started before it is needed.</summary>
    /// <param name="entries">The servers.</param>
    /// <param name="isAllowed">Whether a tool (second) of a server (first) may be used.</param>
    /// <param name="options">What the servers are told and where their standard error goes.</param>
    /// <param name="clock">For pauses and ends.</param>
    /// <param name="fill">For marks of child processes.</param>
    /// <param name="log">Names and reasons only.</param>
    public static McpTools Of(
        IEnumerable<McpServerEntry> entries, Func<string, string, bool> isAllowed, McpOptions options, TimeProvider clock, FillRandom fill, ILogger<McpTools> log)
    {
        McpServer Server(McpServerEntry entry) => new(
            entry.Name,
            () => entry.Url is null ? new StdioTransport(entry, clock, fill, options.Diagnostics) : new HttpTransport(entry, clock),
            options.ClientVersion,
            clock);
        return new McpTools([.. entries.Select(Server)], isAllowed, log);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ModelTool>> ListAsync(CancellationToken cancellationToken)
    {
        var lists = await Task.WhenAll(_servers.Select(server => ListAsync(server, cancellationToken)));
        return [.. lists.SelectMany(tools => tools)];
    }

    /// <inheritdoc/>
    public async Task<ToolOutcome> CallAsync(string name, JsonElement arguments, ResponderRequest request, CancellationToken cancellationToken)
    {
        if (!_places.TryGetValue(name, out var place))
        {
            throw new ParleyException(ErrorCode.NotFound, "There is no such tool any more.");
        }

        var result = await place.Server.CallAsync(place.Tool, arguments, cancellationToken);
        return new ToolOutcome(result.Text, result.IsError, $"the MCP server {place.Server.Name}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));

    private async Task<IReadOnlyList<ModelTool>> ListAsync(McpServer server, CancellationToken cancellationToken)
    {
        try
        {
            var tools = await server.ListToolsAsync(cancellationToken);
            return [.. tools.Where(tool => _isAllowed(server.Name, tool.Name)).Select(tool => Offered(server, tool))];
        }
        catch (ParleyException exception)
        {
            LogUnavailable(exception.Message);
            return [];
        }
    }

    private ModelTool Offered(McpServer server, McpTool tool)
    {
        var name = NameOf(server.Name, tool.Name);
        _places[name] = (server, tool.Name);
        return new ModelTool(name, tool.Description, tool.Schema);
    }

    /// <summary>The name that a model knows a tool by. Names that would not do, or that others could equal, end in a hash.</summary>
    internal static string NameOf(string server, string tool)
    {
        var whole = $"{server}__{tool}";
        var plain = string.Concat(whole.Select(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' ? character : '_'));
        if (plain == whole && whole.Length <= MaxNameLength && !server.Contains("__", StringComparison.Ordinal))
        {
            return whole;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}\n{tool}")))[..HashLength];
        return $"{plain[..Math.Min(plain.Length, MaxNameLength - HashLength - 1)]}_{hash}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}")]
    private partial void LogUnavailable(string reason);
}

/// <summary>What all MCP servers of a listener share.</summary>
/// <param name="ClientVersion">Parley's version, which servers are told.</param>
public sealed record McpOptions(string ClientVersion)
{
    /// <summary>Hears the standard error of servers that are programs; null: thrown away.</summary>
    public Action<ReadOnlyMemory<byte>>? Diagnostics { get; init; }
}
