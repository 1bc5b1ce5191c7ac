using Parley.Gateway.A2a.Tasks;
using Parley.Hub.AgentApi;

namespace Parley.Testing.Tasks;

/// <summary>What a test reads out of a task's events.</summary>
internal static class TaskLog
{
    /// <summary>All text of all chunks.</summary>
    public static string TextOf(IEnumerable<TaskEvent> events) =>
        string.Concat(events.Select(one => one.Response.ArtifactUpdate).Where(update => update is not null).SelectMany(update => update.Artifact.Parts).Select(part => part.Text));

    /// <summary>The task that the events make; the first is a task.</summary>
    public static Gateway.Wire.V1.Task Replay(IReadOnlyList<TaskEvent> events)
    {
        var task = new AgentTask(events[0].Response.Task);
        foreach (var one in events.Skip(1))
        {
            task.Apply(one.Response);
        }

        return task.View(null, withArtifacts: true);
    }
}
