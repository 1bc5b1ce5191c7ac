using System.Text.Json;
using System.Text.Json.Serialization;

namespace Parley.Protocol.Management;

/// <summary>Arguments of the operations on schedules; an update keeps what it does not name.</summary>
/// <param name="Id">For all but <c>schedules.create</c> and <c>schedules.list</c>: which.</param>
/// <param name="Agent">For <c>schedules.create</c>: whose doing it is; null: the calling agent's.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Type"><c>once</c>, <c>delayed</c> or <c>cron</c>; null: what the other members say.</param>
/// <param name="NextRun">For once: when.</param>
/// <param name="DelaySeconds">For delayed: how long from now.</param>
/// <param name="CronExpression">For cron: five fields.</param>
/// <param name="TimeZone">For cron: an IANA name; UTC.</param>
/// <param name="Missed">What becomes of ticks that were missed: <c>once</c> (one run for all), <c>skip</c>, <c>all</c>.</param>
/// <param name="Data">What its event says beside its own members.</param>
/// <param name="Message">What its target is told; null: it raises its event alone.</param>
/// <param name="TargetAgentId">For <c>schedules.create</c>: who gets the message; null: the agent itself.</param>
/// <param name="Limit">For <c>schedules.list</c>: most entries.</param>
/// <param name="Offset">For <c>schedules.list</c>: entries to skip.</param>
/// <param name="TraceParent">The W3C trace that the schedule's runs belong to.</param>
/// <param name="Hops">How long the chain is that they follow from; counts when it is more than what the hub knows.</param>
public sealed record ScheduleArguments(
    string? Id = null,
    [property: JsonPropertyName("agent_id")] string? Agent = null,
    string? Name = null,
    string? Type = null,
    [property: JsonPropertyName("next_run")] DateTimeOffset? NextRun = null,
    [property: JsonPropertyName("delay_seconds")] long? DelaySeconds = null,
    [property: JsonPropertyName("cron_expression")] string? CronExpression = null,
    [property: JsonPropertyName("time_zone")] string? TimeZone = null,
    string? Missed = null,
    JsonElement? Data = null,
    string? Message = null,
    [property: JsonPropertyName("target_agent_id")] string? TargetAgentId = null,
    int? Limit = null,
    int? Offset = null,
    string? TraceParent = null,
    int? Hops = null);

/// <summary>A schedule as callers see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Agent">Whose doing it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>once</c>, <c>delayed</c> or <c>cron</c>.</param>
/// <param name="CronExpression">For cron.</param>
/// <param name="TimeZone">For cron.</param>
/// <param name="Missed">What becomes of missed ticks.</param>
/// <param name="Status"><c>active</c>, <c>paused</c> or <c>done</c>.</param>
/// <param name="NextRun">When it runs next.</param>
/// <param name="LastRun">The tick that ran last.</param>
/// <param name="Runs">How many runs there were.</param>
/// <param name="Data">What its event says beside its own members.</param>
/// <param name="Message">What its target is told.</param>
/// <param name="TargetAgentId">Who gets the message.</param>
/// <param name="ConnectionId">The connection that brings it.</param>
/// <param name="Upcoming">Of one: the next ticks.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
public sealed record ScheduleView(
    string Id,
    [property: JsonPropertyName("agent_id")] string Agent,
    string Name,
    string Type,
    [property: JsonPropertyName("cron_expression")] string? CronExpression,
    [property: JsonPropertyName("time_zone")] string? TimeZone,
    string Missed,
    string Status,
    [property: JsonPropertyName("next_run")] DateTimeOffset? NextRun,
    [property: JsonPropertyName("last_run")] DateTimeOffset? LastRun,
    long Runs,
    JsonElement? Data,
    string? Message,
    [property: JsonPropertyName("target_agent_id")] string? TargetAgentId,
    [property: JsonPropertyName("connection_id")] string? ConnectionId,
    IReadOnlyList<DateTimeOffset>? Upcoming,
    [property: JsonPropertyName("created_by")] string CreatedBy,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt);

/// <summary>What became of <c>schedules.run</c>.</summary>
/// <param name="Id">The schedule.</param>
/// <param name="EventId">The id of the event that it raised.</param>
public sealed record ScheduleRun(string Id, [property: JsonPropertyName("event_id")] string EventId);
