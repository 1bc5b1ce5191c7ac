using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>What a connection does with events; the <c>config</c> of a connection. Its members may also stand beside <c>config</c>.</summary>
/// <param name="Url">Where webhooks go; null: to the target agent, over its link.</param>
/// <param name="Events">Types and patterns: <c>workflow.complete</c>, <c>workflow.*</c>, <c>*</c>.</param>
/// <param name="Filter">What the events' data must be.</param>
/// <param name="Fields">For <c>state.update</c>: the fields that may leave.</param>
/// <param name="Auth">How the hub proves itself to the receiver.</param>
/// <param name="Headers">Headers of every delivery.</param>
/// <param name="TargetAgentId">The target, where direct connections name it.</param>
/// <param name="Ordered">Whether events of one subject wait for each other.</param>
/// <param name="Log">What the message log keeps of the messages that it brings, in its owner's rows: <c>full</c>, <c>metadata</c>, <c>off</c>, or <c>default</c> for what the hub keeps.</param>
/// <param name="ReplyTo">For direct connections: the agent that gets the target's answers as messages; empty for none.</param>
public sealed record ConnectionSettings(
    string? Url = null,
    IReadOnlyList<string>? Events = null,
    JsonElement? Filter = null,
    IReadOnlyList<string>? Fields = null,
    ConnectionAuth? Auth = null,
    IReadOnlyDictionary<string, string>? Headers = null,
    [property: JsonPropertyName("target_agent_id")] string? TargetAgentId = null,
    bool? Ordered = null,
    string? Log = null,
    [property: JsonPropertyName("reply_to")] string? ReplyTo = null);

/// <summary>How the hub proves itself to a receiver; values may hold <c>{{secrets.name}}</c>, and others are shown as <c>***</c>.</summary>
/// <param name="Type"><c>bearer</c>, <c>basic</c> or <c>header</c>.</param>
/// <param name="Token">For bearer.</param>
/// <param name="Username">For basic.</param>
/// <param name="Password">For basic.</param>
/// <param name="Name">For header: its name.</param>
/// <param name="Value">For header: its value.</param>
public sealed record ConnectionAuth(string Type = "bearer", string? Token = null, string? Username = null, string? Password = null, string? Name = null, string? Value = null);

/// <summary>Arguments of <c>connections.create</c> and <c>connections.update</c>; an update keeps what it does not name.</summary>
/// <param name="Id">For updates: which.</param>
/// <param name="SourceAgentId">Whose events: a name, <c>owner.name</c>, or <c>*</c> for all agents of the owner.</param>
/// <param name="TargetAgentId">Who gets them.</param>
/// <param name="ConnectionType"><c>webhook</c> or <c>direct</c>.</param>
/// <param name="Config">What it does with events.</param>
/// <param name="Owner">From an admin: the owner, where no source says it.</param>
/// <param name="Secret">The signing secret, <c>whsec_...</c>; null: the hub makes one.</param>
public sealed record ConnectionArguments(
    string? Id = null,
    [property: JsonPropertyName("source_agent_id")] string? SourceAgentId = null,
    [property: JsonPropertyName("target_agent_id")] string? TargetAgentId = null,
    [property: JsonPropertyName("connection_type")] string? ConnectionType = null,
    ConnectionSettings? Config = null,
    string? Owner = null,
    string? Secret = null)
{
    /// <summary>Beside <c>config</c>.</summary>
    public string? Url { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public JsonElement? Filter { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public ConnectionAuth? Auth { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public bool? Ordered { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    public string? Log { get; init; }

    /// <summary>Beside <c>config</c>.</summary>
    [JsonPropertyName("reply_to")]
    public string? ReplyTo { get; init; }
}

/// <summary>Arguments of operations on one connection.</summary>
/// <param name="Id">Which.</param>
/// <param name="Event">For <c>connections.test</c>: the event to try; null: one that fits.</param>
/// <param name="Deliver">For <c>connections.test</c>: send it, marked as a test, instead of only saying whether it matches.</param>
/// <param name="Overlap">For <c>connections.rotate</c>: seconds for which the old secret signs too; 86,400.</param>
/// <param name="Secret">For <c>connections.rotate</c>: the new secret; null: the hub makes one.</param>
/// <param name="Since">For <c>connections.replay</c>: dead letters of events from then on.</param>
/// <param name="Until">For <c>connections.replay</c>: and before then.</param>
public sealed record ConnectionCallArguments(
    string Id, TestEvent? Event = null, bool Deliver = false, long? Overlap = null, string? Secret = null, DateTimeOffset? Since = null, DateTimeOffset? Until = null);

/// <summary>An event to try a connection with.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data.</param>
/// <param name="Source">Whose; null: the connection's source.</param>
public sealed record TestEvent(string? Type = null, JsonElement? Data = null, string? Source = null);
