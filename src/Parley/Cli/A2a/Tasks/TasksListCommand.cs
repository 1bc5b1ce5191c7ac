using System.CommandLine;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.Wire.V1;
using Parley.Output;

namespace Parley.Cli.A2a.Tasks;

/// <summary><c>parley a2a tasks list</c>.</summary>
internal sealed class TasksListCommand : TaskCommand
{
    private const int PageSize = 100;

    private readonly Option<string?> _context = new("--thread") { HelpName = "ID", Description = "Of this conversation only" };
    private readonly Option<int> _limit = new("--limit") { HelpName = "N", DefaultValueFactory = _ => 100, Description = "At most so many, the newest first" };

    public TasksListCommand()
        : base("list", "List the tasks of an agent that you may see", new Example("parley a2a tasks list a2a:https://example.org/agents/x --limit 10", "the ten newest"))
    {
        Add(_context);
        Add(_limit);
        AddCommon();
    }

    protected override async Task<int> RunAsync(CommandContext context, ParseResult parsed, RemoteAgent agent, CancellationToken cancellationToken)
    {
        var limit = Math.Max(1, parsed.GetValue(_limit));
        var tasks = new List<Gateway.Wire.V1.Task>();
        var page = new ListTasksResponse();
        do
        {
            var request = new ListTasksRequest { ContextId = parsed.GetValue(_context) ?? string.Empty, PageSize = Math.Min(PageSize, limit - tasks.Count), PageToken = page.NextPageToken };
            page = await agent.Client.ListTasksAsync(request, cancellationToken);
            tasks.AddRange(page.Tasks.Take(limit - tasks.Count));
        }
        while (page.NextPageToken.Length > 0 && page.Tasks.Count > 0 && tasks.Count < limit);

        if (context.IsJson)
        {
            tasks.ForEach(task => context.Terminal.WriteJson(TaskText.Json(task)));
        }
        else
        {
            context.Terminal.Write(TextTable.Of(["TASK", "STATE", "SINCE", "THREAD"], tasks.Select(task => (IReadOnlyList<string>)[task.Id, TaskText.StateOf(task), TaskText.TimeOf(task), task.ContextId])));
        }

        return 0;
    }
}
