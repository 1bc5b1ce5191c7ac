using Microsoft.Extensions.Logging;
using Parley.Client.PeerApi.Asking;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;

namespace Parley.Client.Mcp;

/// <summary><c>peer_ask</c> for a chat or coding agent: alone in a home without a hub, beside the tools of the mail in one that has joined.</summary>
/// <param name="tool">The tool.</param>
/// <param name="cause">The answer inside of which the client runs.</param>
/// <param name="logger">Defects alone.</param>
public sealed partial class PeerMcpTool(PeerAskTool tool, PeerCause cause, ILogger logger) : IAgentToolHost
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(AgentToolSchemas.MaxWaitSeconds);

    /// <inheritdoc/>
    public IReadOnlyList<AgentTool> Tools { get; } = [AgentToolSchemas.PeerAsk];

    /// <inheritdoc/>
    public int Unread => 0;

    /// <inheritdoc/>
    public Task<AgentToolAnswer> CallAsync(string tool, ToolArguments arguments, Action<string> progress, CancellationToken cancellationToken) =>
        CallAsync(tool, arguments, Unread, cancellationToken);

    /// <inheritdoc/>
    public void OnDefect(Exception exception) => LogDefect(exception);

    /// <summary>Runs it for a host that has messages too.</summary>
    internal async Task<AgentToolAnswer> CallAsync(string name, ToolArguments arguments, int unread, CancellationToken cancellationToken)
    {
        if (name != AgentToolSchemas.PeerAsk.Name)
        {
            throw new ParleyException(ErrorCode.Unsupported, "There is no such tool.");
        }

        var call = new PeerToolCall(
            arguments.Optional("peer") ?? arguments.Optional("peer_name"), arguments.Optional("message") ?? arguments.Optional("prompt"), arguments.Optional("task_id"), cause.Session);
        var result = await tool.CallAsync(call, cause.HopsLeft, _patience, cancellationToken);
        return result.Peer is { } peer
            ? new AgentToolAnswer(AgentToolAnswer.Quote($"{peer} (a peer)", "Answered.", result.Text), unread)
            : new AgentToolAnswer([result.Text], unread) { IsError = true };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A tool failed")]
    private partial void LogDefect(Exception exception);
}
