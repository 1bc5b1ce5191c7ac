using System.CommandLine;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.Wire.V1;

namespace Parley.Cli.A2a.Tasks;

/// <summary><c>parley a2a tasks cancel</c>.</summary>
internal sealed class TasksCancelCommand : TaskCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The task" };

    public TasksCancelCommand()
        : base("cancel", "Cancel a task", new Example("parley a2a tasks cancel a2a:https://example.org/agents/x 4f1c", "stop it"))
    {
        Add(_id);
        AddCommon();
    }

    protected override async Task<int> RunAsync(CommandContext context, ParseResult parsed, RemoteAgent agent, CancellationToken cancellationToken)
    {
        var task = await agent.Client.CancelTaskAsync(new CancelTaskRequest { Id = parsed.GetValue(_id)! }, cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(TaskText.Json(task));
        }
        else
        {
            context.Terminal.Note($"task {task.Id} {TaskText.StateOf(task)}");
        }

        return 0;
    }
}
