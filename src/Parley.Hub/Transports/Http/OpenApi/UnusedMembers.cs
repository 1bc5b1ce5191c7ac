using System.Collections.Frozen;

namespace Parley.Hub.Transports.Http.OpenApi;

/// <summary>Members of argument types that several operations share and that mean nothing to one of them: left out of its description. They are ignored when they come.</summary>
internal static class UnusedMembers
{
    private static readonly string[] _none = [];

    private static readonly string[] _agent = ["name", "labels", "visibility", "taskRetention"];
    private static readonly string[] _connection = ["event", "deliver", "overlap", "secret", "since", "until"];

    private static readonly string[] _schedule =
        ["agent_id", "name", "type", "next_run", "delay_seconds", "cron_expression", "time_zone", "missed", "data", "message", "target_agent_id"];

    private static readonly string[] _aScheduleAlone = [.. _schedule, "limit", "offset"];

    /// <summary>The table.</summary>
    public static FrozenDictionary<string, string[]> All { get; } = new Dictionary<string, string[]>
    {
        ["agents.list"] = ["owner"],
        ["agents.get"] = _agent,
        ["agents.label"] = ["name"],
        ["agents.remove"] = _agent,
        ["agents.rename"] = ["labels", "visibility", "taskRetention"],
        ["agents.reset-key"] = _agent,
        ["card.get"] = ["card"],
        ["card.reset"] = ["card"],
        ["tokens.list"] = ["selector", "owner"],
        ["keys.list"] = ["selector", "owner"],
        ["keys.revoke"] = ["keepAgents"],
        ["contacts.list"] = ["selector"],
        ["audit.list"] = ["selector", "owner"],
        ["connections.list"] = ["selector"],
        ["connections.create"] = ["id"],
        ["connections.update"] = ["secret", "owner"],
        ["connections.get"] = _connection,
        ["connections.delete"] = _connection,
        ["connections.pause"] = _connection,
        ["connections.resume"] = _connection,
        ["connections.rotate"] = ["event", "deliver", "since", "until"],
        ["connections.test"] = ["overlap", "secret", "since", "until"],
        ["connections.replay"] = ["event", "deliver", "overlap", "secret"],
        ["deliveries.list"] = ["id"],
        ["deliveries.get"] = ["connection", "status", "limit", "offset"],
        ["deliveries.replay"] = ["connection", "status", "limit", "offset"],
        ["state.list"] = ["agent", "value", "ifMatch", "after", "wait", "connection", "traceParent", "hops"],
        ["schedules.list"] = ["id", .. _schedule],
        ["schedules.create"] = ["id", "limit", "offset"],
        ["schedules.get"] = _aScheduleAlone,
        ["schedules.update"] = ["agent_id", "target_agent_id", "limit", "offset"],
        ["schedules.delete"] = _aScheduleAlone,
        ["schedules.pause"] = _aScheduleAlone,
        ["schedules.resume"] = _aScheduleAlone,
        ["schedules.run"] = _aScheduleAlone,
        ["budgets.list"] = ["agent", "messages", "tokens", "default"],
        ["budgets.get"] = ["messages", "tokens", "default", "paused", "limit", "offset"],
        ["budgets.set"] = ["paused", "limit", "offset"],
        ["budgets.reset"] = ["messages", "tokens", "default", "paused", "limit", "offset"],
        ["secrets.list"] = ["name", "value"],
        ["secrets.set"] = ["limit", "offset"],
        ["secrets.delete"] = ["value", "limit", "offset"],
    }.ToFrozenDictionary();

    /// <summary>Those of an operation.</summary>
    public static string[] Of(string operation) => All.GetValueOrDefault(operation, _none);
}
