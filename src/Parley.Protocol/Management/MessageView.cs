using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>Arguments of <c>messages.list</c>.</summary>
/// <param name="Agent">Whose rows; an agent reads its own.</param>
/// <param name="Connection">Of messages that this connection brought, and of their answers.</param>
/// <param name="Direction"><c>outgoing</c> or <c>incoming</c>.</param>
/// <param name="Status"><c>sent</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="Since">Of messages that the hub took then or later.</param>
/// <param name="Until">And before then.</param>
/// <param name="Before">Older ones than this place: the <c>next</c> of the page before.</param>
/// <param name="Limit">Most entries; 1 to 1,000, default 100.</param>
/// <param name="Owner">From an admin: of this owner's agents.</param>
public sealed record MessageListArguments(
    string? Agent = null,
    string? Connection = null,
    string? Direction = null,
    string? Status = null,
    DateTimeOffset? Since = null,
    DateTimeOffset? Until = null,
    string? Before = null,
    int? Limit = null,
    string? Owner = null);

/// <summary>One agent's view of one message.</summary>
/// <param name="Id">Its place in the log.</param>
/// <param name="Direction"><c>outgoing</c>: the agent sent it; <c>incoming</c>: it was sent to the agent.</param>
/// <param name="ConnectionId">The connection that brought it, or whose message it answers.</param>
/// <param name="Content">What it says; null where the log does not keep that, or not for the caller.</param>
/// <param name="Status"><c>sent</c>: it waits; <c>delivered</c>; <c>failed</c>.</param>
/// <param name="CreatedAt">When the hub took it.</param>
/// <param name="MessageId">Its id; both views have the same.</param>
/// <param name="Agent">Whose view this is.</param>
/// <param name="Peer">The other side.</param>
/// <param name="Type"><c>text</c>, <c>command</c>, <c>file</c>, <c>rpc</c>, <c>auto</c> or <c>reply</c>.</param>
/// <param name="Thread">The conversation; a hash of its name where content is not kept.</param>
/// <param name="Correlation">For a reply the id of what it answers.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="LatencyMs">Milliseconds until it was delivered.</param>
public sealed record MessageView(
    long Id,
    string Direction,
    [property: JsonPropertyName("connection_id")] string? ConnectionId,
    string? Content,
    string Status,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("message_id")] string MessageId,
    string Agent,
    string Peer,
    string Type,
    string? Thread,
    string? Correlation,
    string? Error,
    [property: JsonPropertyName("latency_ms")] long? LatencyMs);

/// <summary>Rows of the message log, newest first.</summary>
/// <param name="Data">The rows; fewer than asked for, even none, when much had to be looked at.</param>
/// <param name="Next">What to give as <c>before</c> for older ones; null when there are none.</param>
public sealed record MessagePage(IReadOnlyList<MessageView> Data, string? Next = null);
