using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Client.Responders;
using Parley.Client.Responders.Tools;
using Parley.Gateway.Mcp;

namespace Parley.Client.PeerApi.Asking;

/// <summary><c>peer_ask</c> as a tool of a model that answers messages. Its hop budget is that of the message, its conversation follows from the message's.</summary>
/// <param name="tool">The tool.</param>
/// <param name="patience">How long a call may wait; somewhat less than the box allows, so that the model is told the task's id.</param>
public sealed class PeerTools(PeerAskTool tool, TimeSpan patience) : IToolSource
{
    private static readonly IReadOnlyList<ModelTool> _tools =
        [new(AgentToolSchemas.PeerAsk.Name, AgentToolSchemas.PeerAsk.Description, AgentToolSchemas.PeerAsk.Schema)];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ModelTool>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_tools);

    /// <inheritdoc/>
    public async Task<ToolOutcome> CallAsync(string name, JsonElement arguments, ResponderRequest request, CancellationToken cancellationToken)
    {
        var read = new ToolArguments(arguments);
        var peer = read.Optional("peer") ?? read.Optional("peer_name");
        var call = new PeerToolCall(peer, read.Optional("message") ?? read.Optional("prompt"), read.Optional("task_id"), SessionOf(request, peer));
        var result = await tool.CallAsync(call, PeerBudget.LeftOf(request.Meta), patience, cancellationToken);
        return new ToolOutcome(result.Text, result.IsError, result.Peer is { } author ? $"the peer {author}" : null);
    }

    // The peer learns that it is the same conversation, not whose. One that is asked inside of an answer is never the one that waits for that answer.
    private static string SessionOf(ResponderRequest request, string? peer)
    {
        var conversation = request.Thread.Length > 0 ? request.Thread : request.Id;
        return "t-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.From}\n{conversation}\n{peer}")).AsSpan(0, 12));
    }
}
