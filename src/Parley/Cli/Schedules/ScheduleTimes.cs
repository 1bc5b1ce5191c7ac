using System.CommandLine;
using System.Text.Json;
using Parley.Cli.Connections;
using Parley.Protocol.Formats;
using Parley.Protocol.Management;

namespace Parley.Cli.Schedules;

/// <summary>What <c>schedules create</c> and <c>update</c> take.</summary>
internal sealed class ScheduleTimes
{
    private readonly Option<DateTimeOffset?> _at = new("--at") { HelpName = "TIME", Description = "Once, then" };
    private readonly Option<string?> _in = new("--in") { HelpName = "10m", Description = "Once, that long from now" };
    private readonly Option<string?> _cron = new("--cron") { HelpName = "'M H D M W'", Description = "Again and again: minute, hour, day of the month, month, day of the week" };
    private readonly Option<string?> _zone = new("--zone") { HelpName = "NAME", Description = "The time zone of --cron, such as Europe/Berlin [default: UTC]" };
    private readonly Option<string?> _missed = new("--missed") { HelpName = "once|skip|all", Description = "What becomes of runs that the hub missed: one for all, none, or each [default: once]" };
    private readonly Option<string?> _data = new("--data") { HelpName = "JSON|-", Description = "What the event says beside the schedule's own; - reads standard input" };
    private readonly Option<string?> _message = new("--message") { HelpName = "TEXT", Description = "Send this, too" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _at, _in, _cron, _zone, _missed, _data, _message, CommonOptions.Json })
        {
            command.Add(option);
        }
    }

    /// <summary>What was asked for.</summary>
    public async Task<ScheduleArguments> ReadAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = parsed.GetValue(_data) is "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : parsed.GetValue(_data);
        return new ScheduleArguments(
            NextRun: parsed.GetValue(_at),
            DelaySeconds: parsed.GetValue(_in) is { } delay ? (long)Math.Ceiling(DurationText.Parse(delay).TotalSeconds) : null,
            CronExpression: parsed.GetValue(_cron),
            TimeZone: parsed.GetValue(_zone),
            Missed: parsed.GetValue(_missed),
            Data: ConnectionAction.ReadJson(data, "--data"),
            Message: parsed.GetValue(_message));
    }

    /// <summary>Prints a schedule.</summary>
    public static void Print(CommandContext context, ScheduleView view)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(view, ManagementJson.Answers.ScheduleView));
            return;
        }

        List<string> lines =
        [
            $"id          {view.Id}",
            $"name        {view.Name}",
            $"agent       {view.Agent}",
            $"runs        {(view.CronExpression is null ? view.Type : $"{view.CronExpression} ({view.TimeZone})")}, {view.Runs} so far, missed: {view.Missed}",
            $"status      {view.Status}",
            .. (view.Upcoming ?? []).Select(at => $"next        {Time(at)}"),
        ];
        if (view.Message is not null)
        {
            lines.Add($"message     to {view.TargetAgentId ?? "nobody any more"} ({view.ConnectionId}): {view.Message}");
        }

        context.Terminal.WriteLine(string.Join('\n', lines));
    }

    /// <summary>A time as people read it.</summary>
    public static string Time(DateTimeOffset? at) => at is { } time ? $"{time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : string.Empty;
}
