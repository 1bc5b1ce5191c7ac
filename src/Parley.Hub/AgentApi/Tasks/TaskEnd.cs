using Parley.Gateway.Wire.V1;
using Parley.Hub.Connections.Events;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Tasks;

/// <summary>What the events of a workflow tell of a task that has ended. Pure.</summary>
internal static class TaskEnd
{
    private static readonly string[] _names = ["workflow_id", "channel", "traceparent"];

    /// <summary>Remembers what a message says of its workflow; the first word counts.</summary>
    public static void Mark(Dictionary<string, string> marks, Protocol.Wire.Message body)
    {
        foreach (var name in _names)
        {
            if (body.Meta.TryGetValue(name, out var value))
            {
                marks.TryAdd(name, value);
            }
        }
    }

    /// <summary>The end of a task.</summary>
    public static WorkflowEnd Of(Gateway.Wire.V1.Task task, AgentAddress agent, IReadOnlyDictionary<string, string> marks) => new(agent, task.Id, NameOf(task.Status.State))
    {
        WorkflowId = marks.GetValueOrDefault("workflow_id"),
        Channel = marks.GetValueOrDefault("channel"),
        TraceParent = marks.GetValueOrDefault("traceparent") ?? string.Empty,
        ContextId = task.ContextId,
        Output = OutputOf(task),
    };

    private static string OutputOf(Gateway.Wire.V1.Task task)
    {
        var artifacts = TextOf(task.Artifacts.SelectMany(artifact => artifact.Parts));
        return artifacts.Length > 0 ? artifacts : TextOf(task.Status.Message?.Parts ?? []);
    }

    private static string TextOf(IEnumerable<Part> parts) => string.Join('\n', parts.Where(part => part.ContentCase == Part.ContentOneofCase.Text).Select(part => part.Text));

    private static string NameOf(TaskState state) => state switch
    {
        TaskState.Completed => "completed",
        TaskState.Canceled => "canceled",
        TaskState.Rejected => "rejected",
        _ => "failed",
    };
}
