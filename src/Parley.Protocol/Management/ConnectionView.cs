using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>A connection as callers see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="SourceAgentId">Whose events: <c>owner.name</c>, or <c>owner.*</c>.</param>
/// <param name="TargetAgentId">The agent that gets them; null for an address alone.</param>
/// <param name="ConnectionType"><c>webhook</c> or <c>direct</c>.</param>
/// <param name="Config">What it does with events, credentials hidden.</param>
/// <param name="Status"><c>active</c>, <c>paused</c> or <c>disabled</c>.</param>
/// <param name="Reason">Why it is not active.</param>
/// <param name="FailingSince">Since when every attempt failed.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="Pending">Deliveries that wait.</param>
/// <param name="Dead">Dead letters, which can be replayed.</param>
/// <param name="Secret">The signing secret; in the answer that made it, and nowhere else.</param>
/// <param name="Warnings">What is likely to go wrong as things stand.</param>
public sealed record ConnectionView(
    string Id,
    string Owner,
    [property: JsonPropertyName("source_agent_id")] string SourceAgentId,
    [property: JsonPropertyName("target_agent_id")] string? TargetAgentId,
    [property: JsonPropertyName("connection_type")] string ConnectionType,
    ConnectionSettings Config,
    string Status,
    string? Reason,
    [property: JsonPropertyName("failing_since")] DateTimeOffset? FailingSince,
    [property: JsonPropertyName("created_by")] string CreatedBy,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updated_at")] DateTimeOffset UpdatedAt,
    long Pending = 0,
    long Dead = 0,
    string? Secret = null,
    IReadOnlyList<string>? Warnings = null);

/// <summary>What a deletion took with it.</summary>
/// <param name="Id">The connection.</param>
/// <param name="Pending">Deliveries that waited, and were not sent.</param>
/// <param name="Dead">Dead letters that cannot be replayed any more.</param>
public sealed record DeletedConnection(string Id, long Pending, long Dead);

/// <summary>Why an event goes to a connection, or does not.</summary>
/// <param name="Matches">Whether it does.</param>
/// <param name="Clauses">Each thing that was looked at.</param>
/// <param name="Delivery">The id of the delivery, when one was asked for.</param>
public sealed record ConnectionTestView(bool Matches, IReadOnlyList<TestClause> Clauses, string? Delivery = null);

/// <summary>One thing that a connection wants of an event.</summary>
/// <param name="Field">Where it looked: <c>source</c>, <c>type</c>, or a path in the data.</param>
/// <param name="Wants">What it wants there.</param>
/// <param name="Found">What stands there; null when nothing does.</param>
/// <param name="Matches">Whether that will do.</param>
public sealed record TestClause(string Field, string Wants, string? Found, bool Matches);

/// <summary>How many dead letters go out again.</summary>
/// <param name="Count">How many.</param>
public sealed record ReplayView(long Count);
