using System.Text.Json;

namespace Parley.Hub.Connections.Schedules;

/// <summary>How often a schedule runs.</summary>
internal enum ScheduleKind
{
    /// <summary>Once, at a time.</summary>
    Once,

    /// <summary>Once, a while after it was made.</summary>
    Delayed,

    /// <summary>By a cron expression.</summary>
    Cron,
}

/// <summary>Whether a schedule runs.</summary>
internal enum ScheduleStatus
{
    /// <summary>It does.</summary>
    Active,

    /// <summary>Not until somebody resumes it.</summary>
    Paused,

    /// <summary>It has run for the last time.</summary>
    Done,
}

/// <summary>What becomes of ticks whose time passed while the hub was away.</summary>
internal enum MissedPolicy
{
    /// <summary>One run stands for all of them.</summary>
    Once,

    /// <summary>They are left out.</summary>
    Skip,

    /// <summary>Each is run.</summary>
    All,
}

/// <summary>Something that an agent does at a time: one unchangeable state.</summary>
internal sealed record Schedule
{
    /// <summary>Its id, <c>sched_...</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Whose doing it is, by the agent's row.</summary>
    public required long AgentId { get; init; }

    /// <summary>Its owner.</summary>
    public required string Owner { get; init; }

    /// <summary>Its name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>How often.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>The cron expression; empty for the others.</summary>
    public string Cron { get; init; } = string.Empty;

    /// <summary>The IANA name of its zone.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>What becomes of missed ticks.</summary>
    public MissedPolicy Missed { get; init; }

    /// <summary>Whether it runs.</summary>
    public ScheduleStatus Status { get; init; }

    /// <summary>When it runs next; null when it does not.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The tick that ran last.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>How many runs there were; each has its number.</summary>
    public long Runs { get; init; }

    /// <summary>What its events say beside its own members; a JSON object.</summary>
    public required byte[] Data { get; init; }

    /// <summary>What its target is told; null: it raises its event alone.</summary>
    public string? Message { get; init; }

    /// <summary>The connection that brings the message to its target.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>How long the chain is that its runs follow from: that of whoever made it, or gave it its time, when they did.</summary>
    public int Hops { get; init; }

    /// <summary>The trace of that chain; empty when none was told, so that each run begins one.</summary>
    public string TraceParent { get; init; } = string.Empty;

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The tick after another.</summary>
    public DateTimeOffset? After(DateTimeOffset tick) => Kind == ScheduleKind.Cron ? CronExpression.Parse(Cron).Next(tick, CronExpression.Zone(Zone)) : null;

    /// <summary>The state after a run.</summary>
    /// <param name="tick">The tick that ran, or was left out.</param>
    /// <param name="next">The next one; null: that was the last.</param>
    /// <param name="runs">Runs so far.</param>
    public Schedule Ran(DateTimeOffset tick, DateTimeOffset? next, long runs) => this with { LastAt = tick, NextAt = next, Runs = runs, Status = next is null ? ScheduleStatus.Done : Status };

    /// <summary>What its event says.</summary>
    /// <param name="tick">The time that it was meant for; null: somebody ran it by hand.</param>
    /// <param name="number">Which run it is.</param>
    /// <param name="missed">For how many ticks it stands that were missed before this one.</param>
    public JsonElement EventData(DateTimeOffset? tick, long number, int missed) => Events.EventJson.Object(json =>
    {
        using var data = JsonDocument.Parse(Data);
        foreach (var member in data.RootElement.EnumerateObject())
        {
            member.WriteTo(json);
        }

        json.WriteString("schedule_id", Id);
        json.WriteString("name", Name);
        json.WriteNumber("run", number);
        if (tick is { } at)
        {
            json.WriteString("scheduled_at", Events.StoredEvent.Time(at));
        }

        if (missed > 0)
        {
            json.WriteNumber("missed", missed);
        }

        if (Message is not null)
        {
            json.WriteString("message", Message);
        }
    });

    /// <summary>Members of an event that are the schedule's own.</summary>
    public static IReadOnlyList<string> OwnMembers { get; } = ["schedule_id", "name", "run", "scheduled_at", "missed", "message"];
}
