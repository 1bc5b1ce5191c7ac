using System.Text;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.ProtoJson;

namespace Parley.Cli.A2a.Tasks;

/// <summary>Tasks as people and programs read them.</summary>
internal static class TaskText
{
    /// <summary>The task as 1.0 has it.</summary>
    public static string Json(Gateway.Wire.V1.Task task) => Encoding.UTF8.GetString(JsonDialect.V1.ToBytes(task).Span);

    /// <summary>Where it stands.</summary>
    public static string StateOf(Gateway.Wire.V1.Task task) => RemoteText.Of(task.Status?.State ?? Gateway.Wire.V1.TaskState.Unspecified);

    /// <summary>Since when, in UTC; empty where the agent does not say.</summary>
    public static string TimeOf(Gateway.Wire.V1.Task task)
    {
        // A stranger's time need not be one.
        return task.Status?.Timestamp is { Seconds: > 0 and < 253_402_300_800 } time ? DateTimeOffset.FromUnixTimeSeconds(time.Seconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) : string.Empty;
    }

    /// <summary>Prints one task: its state on standard error, what it made on standard output.</summary>
    public static void Print(CommandContext context, Gateway.Wire.V1.Task task)
    {
        if (context.IsJson)
        {
            context.Terminal.WriteJson(Json(task));
            return;
        }

        context.Terminal.Note($"task {task.Id} {StateOf(task)} {TimeOf(task)}".TrimEnd());
        if (task.Status?.Message is { } message)
        {
            context.Terminal.Note(RemoteText.Of(message.Parts).TrimEnd('\n'));
        }

        foreach (var artifact in task.Artifacts)
        {
            var text = RemoteText.Of(artifact.Parts);
            context.Terminal.Write(text.EndsWith('\n') || text.Length == 0 ? text : text + "\n");
        }
    }
}
