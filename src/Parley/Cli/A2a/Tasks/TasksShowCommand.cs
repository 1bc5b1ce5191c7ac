using System.CommandLine;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.Wire.V1;

namespace Parley.Cli.A2a.Tasks;

/// <summary><c>parley a2a tasks show</c>.</summary>
internal sealed class TasksShowCommand : TaskCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The task" };

    public TasksShowCommand()
        : base("show", "Show a task: where it stands and what it made", new Example("parley a2a tasks show a2a:https://example.org/agents/x 4f1c", "one task"))
    {
        Add(_id);
        AddCommon();
    }

    protected override async Task<int> RunAsync(CommandContext context, ParseResult parsed, RemoteAgent agent, CancellationToken cancellationToken)
    {
        var task = await agent.Client.GetTaskAsync(new GetTaskRequest { Id = parsed.GetValue(_id)! }, cancellationToken);
        TaskText.Print(context, task);
        return 0;
    }
}
