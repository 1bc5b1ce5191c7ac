using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Parley.Cli.Rooms;
using Parley.Client.Rooms;
using Parley.Client.Rooms.Supervision;
using Parley.Output;

namespace Parley.Cli.Supervise;

/// <summary><c>parley supervise --status</c>: what the supervised sessions of this machine do.</summary>
internal static class SuperviseStatus
{
    /// <summary>Prints the sessions under a root, newest first.</summary>
    public static void Print(CommandContext context, string root)
    {
        var sessions = SupervisorFolder.List(root, context.Time).Select(Describe).ToArray();
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(sessions, RoomJson.Compact.SupervisedJsonArray));
        }
        else if (sessions.Length == 0)
        {
            context.Terminal.Note($"there is no session in {root}");
        }
        else
        {
            context.Terminal.Write(TextTable.Of(
                ["STATUS", "MODE", "LABEL", "IN", "OUT", "UPDATED", "DIR"],
                sessions.Select(session => new[]
                {
                    session.Status,
                    session.Mode,
                    session.Label ?? string.Empty,
                    session.Received.ToString(CultureInfo.InvariantCulture),
                    session.Sent.ToString(CultureInfo.InvariantCulture),
                    session.UpdatedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                    session.Dir,
                })));
        }
    }

    private static SupervisedJson Describe(SavedSession session)
    {
        var facts = session.Facts;
        var status = !SessionStatus.IsOver(facts.Status) && !IsRunning(facts.Pid) ? SessionStatus.Interrupted : facts.Status;
        return new SupervisedJson(
            session.Folder, facts.Mode, status, facts.AgentLabel, facts.Role, facts.Hub, facts.Headless, facts.Pid, facts.Received ?? 0, facts.Sent ?? 0, facts.LastEvent,
            facts.Error, facts.StartedAt, facts.UpdatedAt);
    }

    private static bool IsRunning(int? pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid ?? 0);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
