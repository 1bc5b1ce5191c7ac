using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Rotation;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.PeerApi.Asking;

/// <summary>The tool <c>peer_ask</c>, for every model: of this home's responder, and behind <c>parley mcp</c>. Whom it reaches stands in the home's peers.json.</summary>
/// <remarks>
/// Success is the peer's text, verbatim. Everything else is JSON, <c>{"error"}</c>, with <c>task_id</c> where the answer may still come: the same tool with that id asks for it.
/// </remarks>
/// <param name="peers">The home's peers, as they are now.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="fill">Randomness of tokens.</param>
/// <param name="rotations">Tells of our new keys and hears of the peers'; null: neither.</param>
public sealed class PeerAskTool(Func<PeerDirectory> peers, TimeProvider timeProvider, FillRandom fill, PeerRotations? rotations = null)
{
    private const string Missing = "peer and message (or peer_name and prompt) are required";
    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Calls it.</summary>
    /// <param name="call">What the model wants.</param>
    /// <param name="left">The hop budget of the message that the model works on; null when a user asks.</param>
    /// <param name="patience">How long the call may wait.</param>
    /// <param name="cancellationToken">Nobody wants the result any more; the peer goes on.</param>
    public async Task<PeerToolResult> CallAsync(PeerToolCall call, int? left, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (call.Peer is not { Length: > 0 } name || (call.Message is not { Length: > 0 } && call.Task is not { Length: > 0 }))
        {
            return Failed(Missing);
        }

        try
        {
            var self = peers();
            var peer = self.Get(name);
            using var client = new PeerClient(self, peer, timeProvider, fill, rotations);
            var ask = new PatientAsk(client, self.Timeout, timeProvider);
            var hops = Math.Min(left ?? self.MaxHops, self.MaxHops);
            var reply = call.Task is { Length: > 0 } task
                ? await ask.FollowAsync(task, patience, cancellationToken)
                : await ask.AskAsync(new PeerQuestion(call.Message!, hops, patience) { Session = call.Session }, cancellationToken);
            return reply.Outcome == PeerOutcome.Answered ? new PeerToolResult(reply.Text, IsError: false, peer.Name) : Failed($"peer_ask failed: {reply.Text} ({reply.Code})", TaskOf(reply));
        }
        catch (ParleyException refusal)
        {
            return Failed(refusal.Code == ErrorCode.PeerUnknown ? $"peer_ask failed: {refusal.Message} (unknown_peer)" : refusal.Message);
        }
    }

    private static string? TaskOf(PeerReply reply) => reply.Outcome is PeerOutcome.Pending or PeerOutcome.Timeout || reply.MayHaveArrived ? reply.Task : null;

    private static PeerToolResult Failed(string error, string? task = null)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _json))
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            if (task is not null)
            {
                json.WriteString("task_id", task);
            }

            json.WriteEndObject();
        }

        return new PeerToolResult(System.Text.Encoding.UTF8.GetString(output.WrittenSpan), IsError: true, null);
    }
}

/// <summary>A call of <c>peer_ask</c>.</summary>
/// <param name="Peer">Which peer.</param>
/// <param name="Message">What to say; null with a task.</param>
/// <param name="Task">The question whose answer is asked for; null for a new one.</param>
/// <param name="Session">The conversation; null for the peer's usual one with us.</param>
public sealed record PeerToolCall(string? Peer, string? Message, string? Task, string? Session)
{
    /// <summary>The peer alone: content stays out of logs.</summary>
    public override string ToString() => $"PeerToolCall({Peer})";
}

/// <summary>What <c>peer_ask</c> returns.</summary>
/// <param name="Text">The peer's words, or our error as JSON.</param>
/// <param name="IsError">Whether it is an error.</param>
/// <param name="Peer">Whose words they are; null for ours.</param>
public sealed record PeerToolResult(string Text, bool IsError, string? Peer)
{
    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"PeerToolResult({Text.Length} characters)";
}
