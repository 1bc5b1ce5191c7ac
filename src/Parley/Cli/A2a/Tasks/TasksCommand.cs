namespace Parley.Cli.A2a.Tasks;

/// <summary><c>parley a2a tasks</c>: work that agents do for this caller.</summary>
internal sealed class TasksCommand : ParleyCommand
{
    public TasksCommand()
        : base("tasks", "Tasks that agents do for you", new Example("parley a2a tasks list a2a:https://example.org/agents/x", "what it has done and is doing"))
    {
        Add(new TasksListCommand());
        Add(new TasksShowCommand());
        Add(new TasksCancelCommand());
        Add(new TasksWatchCommand());
    }
}
