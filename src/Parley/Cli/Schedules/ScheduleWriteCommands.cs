using System.CommandLine;
using Parley.Protocol.Management;

namespace Parley.Cli.Schedules;

/// <summary><c>schedules create</c>.</summary>
internal sealed class ScheduleCreateCommand : ParleyCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "Its name, for people" };
    private readonly Option<string?> _target = new("--target") { HelpName = "NAME", Description = "Who gets the message [default: the agent itself]" };
    private readonly Option<string?> _agent = new("--agent") { HelpName = "NAME", Description = "As an admin: whose schedule it is [default: this home's agent]" };
    private readonly ScheduleTimes _times = new();

    public ScheduleCreateCommand()
        : base(
            "create",
            "Make a schedule",
            new Example("parley schedules create nightly --cron \"30 2 * * *\" --zone Europe/Berlin", "raises schedule.executed each night, also when clocks change"),
            new Example("parley schedules create poke --at 2026-12-24T18:00:00Z --message \"Time to go.\" --target agent-b", "once"))
    {
        Add(_name);
        _times.AddTo(this);
        Add(_target);
        Add(_agent);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var wish = await _times.ReadAsync(context, parsed, cancellationToken) with { Name = parsed.GetValue(_name), Agent = parsed.GetValue(_agent), TargetAgentId = parsed.GetValue(_target) };
        await using var door = await HubDoor.OpenAsync(context, parsed, cancellationToken);
        var json = ManagementJson.Answers;
        var made = await door.CallAsync(
            "schedules.create", wish, json.ScheduleArguments, json.ItemScheduleView,
            api => api.PostAsync("/api/schedules", wish, json.ScheduleArguments, json.ItemScheduleView, cancellationToken), cancellationToken);
        ScheduleTimes.Print(context, made.Data);
        return 0;
    }
}

/// <summary><c>schedules update</c>.</summary>
internal sealed class ScheduleUpdateCommand : ParleyCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "Which, as the list names it" };
    private readonly Option<string?> _name = new("--name") { HelpName = "NAME", Description = "Another name" };
    private readonly ScheduleTimes _times = new();

    public ScheduleUpdateCommand()
        : base("update", "Change a schedule; what is not named stays", new Example("parley schedules update sched_abc --cron \"0 10 * * 1-5\"", "an hour later from now on"))
    {
        Add(_id);
        Add(_name);
        _times.AddTo(this);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(_id)!;
        var wish = await _times.ReadAsync(context, parsed, cancellationToken) with { Id = id, Name = parsed.GetValue(_name) };
        await using var door = await HubDoor.OpenAsync(context, parsed, cancellationToken);
        var json = ManagementJson.Answers;
        var changed = await door.CallAsync(
            "schedules.update", wish, json.ScheduleArguments, json.ItemScheduleView,
            api => api.PatchAsync($"/api/schedules/{Uri.EscapeDataString(id)}", wish, json.ScheduleArguments, json.ItemScheduleView, cancellationToken), cancellationToken);
        ScheduleTimes.Print(context, changed.Data);
        return 0;
    }
}
