using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>Arguments of <c>deliveries.list</c>, <c>deliveries.get</c> and <c>deliveries.replay</c>.</summary>
/// <param name="Id">Which one; not for the list.</param>
/// <param name="Connection">Of one connection.</param>
/// <param name="Status"><c>pending</c>, <c>delivered</c> or <c>dead</c>.</param>
/// <param name="Limit">Most entries.</param>
/// <param name="Offset">Entries to skip.</param>
public sealed record DeliveryArguments(string? Id = null, string? Connection = null, string? Status = null, int? Limit = null, int? Offset = null);

/// <summary>An event on its way to one connection.</summary>
/// <param name="Id">The <c>webhook-id</c>.</param>
/// <param name="ConnectionId">The connection.</param>
/// <param name="EventId">The event.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Status"><c>pending</c>, <c>delivered</c> or <c>dead</c>.</param>
/// <param name="Attempts">Attempts so far.</param>
/// <param name="CreatedAt">When the event came.</param>
/// <param name="NextAt">When it is tried next; null when it is not.</param>
/// <param name="EndedAt">When it was taken or given up.</param>
/// <param name="Error">What went wrong last.</param>
/// <param name="Payload">For one delivery: what is sent.</param>
/// <param name="Log">For one delivery: each attempt.</param>
public sealed record DeliveryView(
    string Id,
    [property: JsonPropertyName("connection_id")] string ConnectionId,
    [property: JsonPropertyName("event_id")] string EventId,
    [property: JsonPropertyName("event_type")] string EventType,
    string Status,
    int Attempts,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("next_at")] DateTimeOffset? NextAt,
    [property: JsonPropertyName("ended_at")] DateTimeOffset? EndedAt,
    string? Error,
    JsonElement? Payload = null,
    IReadOnlyList<AttemptView>? Log = null);

/// <summary>One attempt of a delivery.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="At">When it began.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="Status">The HTTP status; null when there was none.</param>
/// <param name="Error">What went wrong; null when nothing did.</param>
public sealed record AttemptView(int Number, DateTimeOffset At, [property: JsonPropertyName("duration_ms")] long DurationMs, int? Status, string? Error);
