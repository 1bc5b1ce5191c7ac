using Parley.Cli.Admin;

namespace Parley.Cli.Events;

/// <summary><c>parley events</c>: telling what happened, and following what happens.</summary>
internal sealed class EventsCommand : ParleyCommand
{
    public EventsCommand()
        : base(
            "events",
            "Emit events and follow them, as this home's agent or as an admin",
            new Example("parley events emit workflow.complete --data '{\"workflow_id\":\"step-1\"}'", "this agent has finished a step"),
            new Example("parley events tail --types \"workflow.*\" --json", "one line for each"),
            new Example("parley events tail --forward http://127.0.0.1:3000/hook", "webhooks for a program behind NAT"))
    {
        AdminClient.AddTo(this);
        Add(new EmitCommand());
        Add(new TailCommand());
    }
}
