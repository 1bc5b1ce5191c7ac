using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Admin;
using Parley.Output;
using Parley.Protocol.Management;

namespace Parley.Cli.Schedules;

/// <summary><c>schedules list</c>.</summary>
internal sealed class ScheduleListCommand : ParleyCommand
{
    public ScheduleListCommand()
        : base("list", "List schedules, oldest first", new Example("parley schedules list --json", "for a program"))
    {
        ListOptions.AddTo(this);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var json = ManagementJson.Answers;
        var (limit, offset) = ListOptions.Read(parsed);
        await using var door = await HubDoor.OpenAsync(context, parsed, cancellationToken);
        var page = await door.CallAsync(
            "schedules.list", new ScheduleArguments(Limit: limit, Offset: offset), json.ScheduleArguments, json.PageScheduleView,
            api => api.GetAsync(ListOptions.Path("/api/schedules", parsed), json.PageScheduleView, cancellationToken), cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(page, json.PageScheduleView));
            return 0;
        }

        context.Terminal.Write(TextTable.Of(
            ["ID", "NAME", "AGENT", "WHEN", "STATUS", "NEXT", "RUNS"],
            page.Data.Select(view => new[]
            {
                view.Id, view.Name, view.Agent, view.CronExpression is null ? view.Type : $"{view.CronExpression} {view.TimeZone}", view.Status, ScheduleTimes.Time(view.NextRun),
                view.Runs.ToString(CultureInfo.InvariantCulture),
            })));
        return 0;
    }
}
