using System.CommandLine;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.Client;

namespace Parley.Cli.A2a.Tasks;

/// <summary><c>parley a2a tasks watch</c>: follows a task to its end, over broken connections.</summary>
internal sealed class TasksWatchCommand : TaskCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The task" };
    private readonly Option<string?> _save = new("--save") { HelpName = "DIR", Description = "Put files that the task makes here" };

    public TasksWatchCommand()
        : base("watch", "Follow a task until it ends or asks", new Example("parley a2a tasks watch a2a:https://example.org/agents/x 4f1c", "its output as it comes"))
    {
        Add(_id);
        Add(_save);
        AddCommon();
    }

    protected override async Task<int> RunAsync(CommandContext context, ParseResult parsed, RemoteAgent agent, CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        var id = parsed.GetValue(_id)!;
        var output = new RemoteOutput(context, agent, parsed.GetValue(_save));
        await foreach (var one in new TaskFollower(agent.Client, context.Time).WatchAsync(id, cancellationToken))
        {
            output.Take(one);
        }

        return output.Finish(id, $"a2a:{agent.Card.Source}", context.Time.GetElapsedTime(started));
    }
}
