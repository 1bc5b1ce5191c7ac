using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Client.PeerApi.Asking;
using Parley.Client.Responders;
using Parley.Client.Responders.Tools;
using Parley.Gateway.Mcp;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>The tool by which a model asks other agents of the hub, <c>send_to_agent</c>, over this agent's own link.</summary>
/// <remarks>
/// What is sent names the message that the model works on as its cause, so the hub's limits of chains, pairs and rates hold for it. Conversations of one thread with one agent share a
/// thread there too. An agent that is offline, or does not answer in time, is an error for the model; what it would answer later is not kept.
/// </remarks>
/// <param name="sender">Sends over the link.</param>
/// <param name="self">This agent.</param>
/// <param name="timeout">How long an answer may take.</param>
public sealed class AgentTools(Sender sender, AgentAddress self, TimeSpan timeout) : IToolSource
{
    /// <summary>Asks an agent of the hub.</summary>
    public const string SendToAgent = AgentToolSchemas.SendToAgent;

    // The wait inside the sender must not end before the tool's own.
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(10);

    private static readonly IReadOnlyList<ModelTool> _all =
        [Define(SendToAgent, "Sends a message to another agent and returns its answer.", "agent_id", "The agent: its name, or owner.name.")];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ModelTool>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_all);

    /// <inheritdoc/>
    public async Task<ToolOutcome> CallAsync(string name, JsonElement arguments, ResponderRequest request, CancellationToken cancellationToken)
    {
        var target = TextOf(arguments, "agent_id");
        var text = TextOf(arguments, "message");
        if (target == self.ToString() || target == self.Name)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "That is you: name another agent.");
        }

        var message = new Message { Content = ByteString.CopyFromUtf8(text), TimeoutMs = (ulong)timeout.TotalMilliseconds };
        PeerBudget.TakeAlong(message.Meta, PeerBudget.LeftOf(request.Meta));
        var result = await sender.SendAsync(
            target,
            new SendRequest(message, MessageType.Text)
            {
                Cause = request.Id,
                Thread = ThreadOf(request, target),
                Timeout = timeout + _slack,
                TimeToLive = timeout,
                IsOnlineOnly = true,
                DropsLateReply = true,
            },
            observer: null,
            cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return result.Reply is { } reply
            ? new ToolOutcome(ReplyText.Of(reply), reply.ErrorCode.Length > 0, $"the agent {result.Target}")
            : throw result.Error ?? new ParleyException(ErrorCode.DeadlineExceeded, "A person reads the message; there is no answer yet.");
    }

    private static string TextOf(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : throw new ParleyException(ErrorCode.InvalidArgument, $"The argument {name} is missing, or no text.");

    // The other agent learns that it is the same conversation, not whose.
    private static string ThreadOf(ResponderRequest request, string target)
    {
        var conversation = request.Thread.Length > 0 ? request.Thread : request.Id;
        return "t-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.From}\n{conversation}\n{target}"))[..12]);
    }

    private static ModelTool Define(string name, string description, string argument, string meaning)
    {
        using var schema = JsonDocument.Parse(
            $$"""
            {
              "type": "object",
              "properties": {
                "{{argument}}": { "type": "string", "description": "{{meaning}}" },
                "message": { "type": "string", "description": "What to say." }
              },
              "required": ["{{argument}}", "message"],
              "additionalProperties": false
            }
            """);
        return new ModelTool(name, description, schema.RootElement.Clone());
    }
}
