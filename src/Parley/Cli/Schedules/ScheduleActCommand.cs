using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Parley.Client.HubApi;
using Parley.Protocol.Management;

namespace Parley.Cli.Schedules;

/// <summary>A command on one schedule.</summary>
internal abstract class ScheduleCommand : ParleyCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Which, as the list names it" };

    protected ScheduleCommand(string name, string description, string effect)
        : base(name, description, new Example($"parley schedules {name} sched_abc", effect))
    {
        Add(_id);
        Add(CommonOptions.Json);
    }

    protected static ManagementJson Json => ManagementJson.Answers;

    /// <summary>Calls an operation on the schedule, over the link or over HTTP.</summary>
    protected async Task<T> CallAsync<T>(
        CommandContext context, ParseResult parsed, string operation, JsonTypeInfo<T> type, Func<HubApiClient, string, ScheduleArguments, Task<T>> overHttp, CancellationToken cancellationToken)
    {
        var wish = new ScheduleArguments(parsed.GetValue(_id)!);
        await using var door = await HubDoor.OpenAsync(context, parsed, cancellationToken);
        return await door.CallAsync(operation, wish, Json.ScheduleArguments, type, api => overHttp(api, $"/api/schedules/{Uri.EscapeDataString(wish.Id!)}", wish), cancellationToken);
    }
}

/// <summary><c>schedules show</c>, <c>pause</c> and <c>resume</c>.</summary>
internal sealed class ScheduleActCommand : ScheduleCommand
{
    public ScheduleActCommand(string name, string method, string path, string description, string effect)
        : base(name, description, effect) => OnRun(async (context, parsed, cancellationToken) =>
        {
            var shown = await CallAsync(
                context,
                parsed,
                method == "GET" ? "schedules.get" : $"schedules.{name}",
                Json.ItemScheduleView,
                (api, one, wish) => method == "GET" ? api.GetAsync(one, Json.ItemScheduleView, cancellationToken) : api.PostAsync(one + path, wish, Json.ScheduleArguments, Json.ItemScheduleView, cancellationToken),
                cancellationToken);
            ScheduleTimes.Print(context, shown.Data);
            return 0;
        });
}

/// <summary><c>schedules run</c>.</summary>
internal sealed class ScheduleRunCommand : ScheduleCommand
{
    public ScheduleRunCommand()
        : base("run", "Run a schedule now, beside its own times; prints the event's id", "to see what it does") => OnRun(async (context, parsed, cancellationToken) =>
        {
            var run = await CallAsync(
                context, parsed, "schedules.run", Json.ItemScheduleRun, (api, one, wish) => api.PostAsync(one + "/run", wish, Json.ScheduleArguments, Json.ItemScheduleRun, cancellationToken), cancellationToken);
            context.Print(run.Data, Json.ScheduleRun, static one => one.EventId);
            return 0;
        });
}

/// <summary><c>schedules delete</c>.</summary>
internal sealed class ScheduleDeleteCommand : ScheduleCommand
{
    public ScheduleDeleteCommand()
        : base("delete", "Delete a schedule, with what waits of its message", "it runs no more") => OnRun(async (context, parsed, cancellationToken) =>
        {
            var gone = await CallAsync(context, parsed, "schedules.delete", Json.ItemString, (api, one, _) => api.DeleteAsync(one, Json.ItemString, cancellationToken), cancellationToken);
            context.Print(gone.Data, Json.String, static one => one);
            return 0;
        });
}
