using System.Text.Json;
using Parley.Hub.Connections;
using Parley.Hub.Connections.Schedules;
using Parley.Hub.Connections.State;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Management.Automation;

/// <summary>Operations on schedules: an agent has its own, keys see to those of their owner's agents. What is not the caller's looks like none.</summary>
internal sealed class ScheduleOperations(
    ScheduleService service, ScheduleStore schedules, ConnectionRegistry connections, EventAccess access, AgentRegistry agents, Chains chains, TimeProvider time, FillRandom random) : IOperationModule
{
    private const int MaxName = 128;
    private const int Upcoming = 3;
    private const int MaxTrace = 64;

    private static readonly TimeSpan _longestDelay = TimeSpan.FromDays(3660);

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("schedules.list", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.PageScheduleView, ListAsync),
        Operation.Of("schedules.create", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemScheduleView, CreateAsync),
        Operation.Of("schedules.get", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemScheduleView, GetAsync),
        Operation.Of("schedules.update", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemScheduleView, UpdateAsync),
        Operation.Of("schedules.delete", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemString, DeleteAsync),
        Operation.Of("schedules.pause", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemScheduleView, (call, arguments, stop) => SwitchAsync(call, arguments, ScheduleStatus.Paused, stop)),
        Operation.Of("schedules.resume", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemScheduleView, (call, arguments, stop) => SwitchAsync(call, arguments, ScheduleStatus.Active, stop)),
        Operation.Of("schedules.run", Role.Agent, ApiScopes.Events, _json.ScheduleArguments, _json.ItemScheduleRun, RunAsync),
    ];

    private async Task<Page<ScheduleView>> ListAsync(OperationCall call, ScheduleArguments arguments, CancellationToken cancellationToken)
    {
        var all = await schedules.ListAsync(call.Caller.Role == Role.Admin ? null : call.Caller.Owner, cancellationToken);
        return Paging.Of(
            [.. all.Where(schedule => IsHis(call.Caller, AgentOf(schedule)))],
            new ListArguments(arguments.Limit, arguments.Offset),
            schedule => ViewOf(schedule, AgentOf(schedule)));
    }

    private async Task<Item<ScheduleView>> CreateAsync(OperationCall call, ScheduleArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Agent is null && call.Caller.Agent is null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Name the agent whose schedule it is.") { Field = "agent_id" };
        }

        var source = access.SourceOf(call.Caller, arguments.Agent);
        var agent = agents.Find(source) is { } found && IsHis(call.Caller, found) ? found : throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");
        var id = "sched_" + EnvelopeId.Make(random).Value;
        var now = Now();
        var made = Timed(
            new Schedule
            {
                Id = id,
                AgentId = agent.Id,
                Owner = source.Owner,
                Name = NameOf(arguments.Name) ?? "schedule",
                Kind = KindOf(arguments),
                Missed = MissedOf(arguments.Missed) ?? MissedPolicy.Once,
                Data = DataOf(arguments.Data) ?? "{}"u8.ToArray(),
                Message = arguments.Message,
                CreatedBy = call.Caller.Actor,
                CreatedAt = now,
                Hops = chains.Admit(source, arguments.Hops),
                TraceParent = TraceOf(arguments),
            },
            arguments,
            now);
        made = await service.AddAsync(made, TargetOf(call.Caller, arguments, source), cancellationToken);
        call.Remember(id, source.ToString());
        return new Item<ScheduleView>(WholeOf(made));
    }

    private async Task<Item<ScheduleView>> GetAsync(OperationCall call, ScheduleArguments arguments, CancellationToken cancellationToken) =>
        new(WholeOf(await FindAsync(call.Caller, arguments.Id, cancellationToken)));

    private async Task<Item<ScheduleView>> UpdateAsync(OperationCall call, ScheduleArguments arguments, CancellationToken cancellationToken)
    {
        var found = await FindAsync(call.Caller, arguments.Id, cancellationToken);
        if (arguments.Agent is not null || arguments.TargetAgentId is not null || (arguments.Message is not null && found.Message is null))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A schedule stays with its agent and its target: make another one.") { Field = arguments.Agent is not null ? "agent_id" : "target_agent_id" };
        }

        var isTimed = arguments is not { Type: null, NextRun: null, DelaySeconds: null, CronExpression: null, TimeZone: null };

        // A new time, or another message, is a new schedule to whoever wants to run in circles.
        var hops = (call.Caller.Agent ?? AgentOf(found)?.Address) is { } actor ? chains.Admit(actor, arguments.Hops) : 0;
        var changed = await service.UpdateAsync(
            found.Id,
            old =>
            {
                var next = old with { Hops = hops, TraceParent = TraceOf(arguments) };
                next = next with { Name = NameOf(arguments.Name) ?? old.Name, Missed = MissedOf(arguments.Missed) ?? old.Missed, Data = DataOf(arguments.Data) ?? old.Data, Message = arguments.Message ?? old.Message };
                return isTimed ? Timed(next with { Kind = arguments is { Type: null, NextRun: null, DelaySeconds: null, CronExpression: null } ? old.Kind : KindOf(arguments) }, arguments, Now()) : next;
            },
            cancellationToken) ?? throw Unknown();
        call.Remember(found.Id);
        return new Item<ScheduleView>(WholeOf(changed));
    }

    private async Task<Item<string>> DeleteAsync(OperationCall call, ScheduleArguments arguments, CancellationToken cancellationToken)
    {
        var found = await FindAsync(call.Caller, arguments.Id, cancellationToken);
        await service.DeleteAsync(found, cancellationToken);
        call.Remember(found.Id);
        return new Item<string>(found.Id);
    }

    // Ticks of a pause are not missed: a schedule goes on from now.
    private async Task<Item<ScheduleView>> SwitchAsync(OperationCall call, ScheduleArguments arguments, ScheduleStatus status, CancellationToken cancellationToken)
    {
        var found = await FindAsync(call.Caller, arguments.Id, cancellationToken);
        var changed = await service.UpdateAsync(
            found.Id,
            old => old.Status == status ? old
                : old.Status == ScheduleStatus.Done ? throw new ParleyException(ErrorCode.Conflict, "The schedule has run for the last time: give it another time by an update, or make another one.")
                : old with { Status = status, NextAt = old.Kind == ScheduleKind.Cron ? old.After(Now()) : old.NextAt },
            cancellationToken) ?? throw Unknown();
        call.Remember(found.Id);
        return new Item<ScheduleView>(WholeOf(changed));
    }

    private async Task<Item<ScheduleRun>> RunAsync(OperationCall call, ScheduleArguments arguments, CancellationToken cancellationToken)
    {
        var found = await FindAsync(call.Caller, arguments.Id, cancellationToken);
        var hops = (call.Caller.Agent ?? AgentOf(found)?.Address) is { } actor ? chains.Admit(actor, arguments.Hops) : 0;
        var run = await service.RunNowAsync(found, hops, cancellationToken) ?? throw Unknown();
        call.Remember(found.Id);
        return new Item<ScheduleRun>(new ScheduleRun(found.Id, run));
    }

    private async Task<Schedule> FindAsync(Principal caller, string? id, CancellationToken cancellationToken) =>
        await schedules.FindAsync(id ?? string.Empty, cancellationToken) is { } found && IsHis(caller, AgentOf(found)) ? found : throw Unknown();

    private static bool IsHis(Principal caller, Agent? agent) => caller.Role == Role.Admin ||
        (agent is not null && AccessPolicy.SpeaksFor(caller, agent));

    private Agent? AgentOf(Schedule schedule) => agents.Find(schedule.AgentId);

    // The hub itself sends it, which contacts of other owners would not know from the agent.
    private AgentAddress? TargetOf(Principal caller, ScheduleArguments arguments, AgentAddress source)
    {
        if (arguments.Message is null)
        {
            return arguments.TargetAgentId is null ? null : throw new ParleyException(ErrorCode.InvalidArgument, "A target needs a message.") { Field = "message" };
        }

        Management.Operations.Require(caller, Role.Agent, ApiScopes.Messages);
        var target = arguments.TargetAgentId is { } text ? agents.Resolve(caller, text) : source;
        return target.Owner == source.Owner || caller.Role == Role.Admin
            ? target
            : throw new ParleyException(ErrorCode.PermissionDenied, "A schedule's message goes to agents of its owner.");
    }

    private static ScheduleKind KindOf(ScheduleArguments arguments)
    {
        var given = new[] { arguments.NextRun is not null, arguments.DelaySeconds is not null, arguments.CronExpression is not null };
        var kind = arguments.Type switch
        {
            "once" => ScheduleKind.Once,
            "delayed" => ScheduleKind.Delayed,
            "cron" => ScheduleKind.Cron,
            null => (ScheduleKind)Array.IndexOf(given, true),
            _ => (ScheduleKind)(-1),
        };
        return given.Count(one => one) == 1 && (int)kind >= 0 && given[(int)kind]
            ? kind
            : throw new ParleyException(ErrorCode.InvalidArgument, "A schedule is once with next_run, delayed with delay_seconds, or cron with cron_expression.") { Field = "type" };
    }

    private static Schedule Timed(Schedule schedule, ScheduleArguments arguments, DateTimeOffset now)
    {
        var status = schedule.Status == ScheduleStatus.Paused ? ScheduleStatus.Paused : ScheduleStatus.Active;
        if (schedule.Kind == ScheduleKind.Cron)
        {
            var cron = arguments.CronExpression is { } text ? Connections.Schedules.CronExpression.Parse(text) : Connections.Schedules.CronExpression.Parse(schedule.Cron);
            var zone = arguments.TimeZone ?? schedule.Zone;
            return schedule with { Cron = cron.Text, Zone = zone, NextAt = cron.Next(now, Connections.Schedules.CronExpression.Zone(zone)), Status = status };
        }

        if (arguments.TimeZone is not null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A time zone belongs to a cron expression; next_run has its own offset.") { Field = "time_zone" };
        }

        if (arguments.DelaySeconds is { } delay && (delay < 1 || delay > _longestDelay.TotalSeconds))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A delay is 1 to {_longestDelay.TotalSeconds:0} seconds.") { Field = "delay_seconds" };
        }

        var at = arguments.DelaySeconds is { } seconds ? now + TimeSpan.FromSeconds(seconds) : arguments.NextRun!.Value.ToUniversalTime();
        return at > now - ScheduleTick.Grace
            ? schedule with { Cron = string.Empty, Zone = "UTC", NextAt = at, Status = status }
            : throw new ParleyException(ErrorCode.InvalidArgument, "next_run is over.") { Field = "next_run" };
    }

    // What is none would begin a new trace with each run, which is what an empty one does.
    private static string TraceOf(ScheduleArguments arguments) => arguments.TraceParent is { Length: <= MaxTrace } trace ? trace : string.Empty;

    private static string? NameOf(string? text) => text is null or { Length: > 0 and <= MaxName }
        ? text
        : throw new ParleyException(ErrorCode.InvalidArgument, $"A name has 1 to {MaxName} characters.") { Field = "name" };

    private static MissedPolicy? MissedOf(string? text) => text switch
    {
        null => null,
        "once" => MissedPolicy.Once,
        "skip" => MissedPolicy.Skip,
        "all" => MissedPolicy.All,
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "missed is once, skip or all.") { Field = "missed" },
    };

    private static byte[]? DataOf(JsonElement? value)
    {
        if (value is null)
        {
            return null;
        }

        var data = StateJson.Read(value);
        return Schedule.OwnMembers.FirstOrDefault(data.ContainsKey) is { } taken
            ? throw new ParleyException(ErrorCode.InvalidArgument, $"The member {taken} is the schedule's own.") { Field = "data" }
            : StateJson.Write(data);
    }

    private ScheduleView WholeOf(Schedule schedule)
    {
        var upcoming = new List<DateTimeOffset>();
        for (var at = schedule.NextAt; at is { } tick && upcoming.Count < Upcoming; at = schedule.After(tick))
        {
            upcoming.Add(tick);
        }

        return ViewOf(schedule, AgentOf(schedule)) with { Upcoming = upcoming.Count > 0 ? upcoming : null };
    }

    private ScheduleView ViewOf(Schedule schedule, Agent? agent)
    {
        using var data = JsonDocument.Parse(schedule.Data);
        var isCron = schedule.Kind == ScheduleKind.Cron;
        return new ScheduleView(
            schedule.Id,
            agent?.Address.ToString() ?? $"{schedule.Owner}.?",
            schedule.Name,
            schedule.Kind switch { ScheduleKind.Once => "once", ScheduleKind.Delayed => "delayed", _ => "cron" },
            isCron ? schedule.Cron : null,
            isCron ? schedule.Zone : null,
            schedule.Missed switch { MissedPolicy.Once => "once", MissedPolicy.Skip => "skip", _ => "all" },
            schedule.Status switch { ScheduleStatus.Active => "active", ScheduleStatus.Paused => "paused", _ => "done" },
            schedule.NextAt,
            schedule.LastAt,
            schedule.Runs,
            data.RootElement.EnumerateObject().Any() ? data.RootElement.Clone() : null,
            schedule.Message,
            schedule.ConnectionId is { } id ? connections.Find(id)?.Target?.ToString() : null,
            schedule.ConnectionId,
            null,
            schedule.CreatedBy,
            schedule.CreatedAt);
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static ParleyException Unknown() => new(ErrorCode.NotFound, "There is no such schedule.");
}
