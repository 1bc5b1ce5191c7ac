using Parley.Cli.Admin;

namespace Parley.Cli.Schedules;

/// <summary><c>parley schedules</c>: what agents do at a time.</summary>
internal sealed class SchedulesCommand : ParleyCommand
{
    public SchedulesCommand()
        : base(
            "schedules",
            "Do something at a time, as this home's agent or as an admin: raise the event schedule.executed, or send a message",
            new Example("parley schedules create morning --cron \"0 9 * * 1-5\" --zone Europe/Berlin --message \"What is due today?\" --target agent-b", "agent-b is asked on weekdays at nine"),
            new Example("parley schedules create reminder --in 10m", "an event in ten minutes"),
            new Example("parley schedules list", "what runs next, and when"))
    {
        AdminClient.AddTo(this);
        Add(new ScheduleCreateCommand());
        Add(new ScheduleUpdateCommand());
        Add(new ScheduleListCommand());
        Add(new ScheduleActCommand("show", "GET", string.Empty, "Show one schedule and its next runs", "when it runs"));
        Add(new ScheduleActCommand("pause", "POST", "/pause", "Let a schedule's ticks pass until it is resumed", "it does not run"));
        Add(new ScheduleActCommand("resume", "POST", "/resume", "Let a schedule run again, from now on", "ticks of the pause are not made up for"));
        Add(new ScheduleRunCommand());
        Add(new ScheduleDeleteCommand());
    }
}
