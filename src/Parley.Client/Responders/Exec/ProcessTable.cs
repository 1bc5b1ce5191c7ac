using System.Globalization;
using System.Text;

namespace Parley.Client.Responders.Exec;

/// <summary>One process as Linux's /proc tells it.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Parent">Parent's id.</param>
/// <param name="Session">Session id: the id of the process that began it.</param>
/// <param name="IsZombie">It has ended and waits for its parent to take note.</param>
/// <param name="StartedAt">When it started, in clock ticks (a hundredth of a second) since the machine did; a process that runs another program keeps it.</param>
internal readonly record struct ProcessRow(int Pid, int Parent, int Session, bool IsZombie, long StartedAt = 0);

/// <summary>Finds everything that descends from a run, whatever it did to get away.</summary>
internal static class ProcessTable
{
    /// <summary>All processes; empty where there is no /proc.</summary>
    public static List<ProcessRow> Read()
    {
        var rows = new List<ProcessRow>();
        if (!OperatingSystem.IsLinux())
        {
            return rows;
        }

        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && TryRead(pid, out var row))
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    /// <summary>Those of <paramref name="rows"/> that belong to the run that <paramref name="leader"/> leads.</summary>
    /// <remarks>
    /// By session (covers orphans and other process groups), by descent (covers children that made a session of their own), and among our adopted orphans
    /// by <paramref name="isOurs"/> (covers those that did both).
    /// </remarks>
    /// <param name="rows">All processes.</param>
    /// <param name="leader">First process of the run and id of its session.</param>
    /// <param name="ownId">Our own process.</param>
    /// <param name="isOurs">Tells whether an adopted orphan belongs to this run, or to none.</param>
    public static List<ProcessRow> MembersOf(List<ProcessRow> rows, int leader, int ownId, Predicate<ProcessRow> isOurs)
    {
        var ownSession = rows.Find(row => row.Pid == ownId).Session;
        var found = new HashSet<int>();
        foreach (var row in rows)
        {
            if (row.Pid == leader || row.Session == leader || (row.Parent == ownId && row.Session != ownSession && isOurs(row)))
            {
                found.Add(row.Pid);
            }
        }

        // A parent may stand after its child in the list, hence the rounds.
        for (var before = 0; before != found.Count;)
        {
            before = found.Count;
            foreach (var row in rows)
            {
                if (found.Contains(row.Parent))
                {
                    found.Add(row.Pid);
                }
            }
        }

        return rows.FindAll(row => found.Contains(row.Pid));
    }

    /// <summary>True when the process was started with this variable, name and value, or by one that was.</summary>
    public static bool HasVariable(int pid, string variable)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/environ").AsSpan().IndexOf(Encoding.UTF8.GetBytes(variable)) >= 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>When a process started, as <see cref="ProcessRow.StartedAt"/>; 0 where that is not known.</summary>
    public static long StartOf(int pid) => OperatingSystem.IsLinux() && TryRead(pid, out var row) ? row.StartedAt : 0;

    private static bool TryRead(int pid, out ProcessRow row)
    {
        row = default;
        string line;
        try
        {
            line = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        // "pid (name) state parent group session ...": the name may hold anything, brackets and blanks too.
        var fields = line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // The start is the 22nd of the whole line.
        if (fields.Length < 20 || !int.TryParse(fields[1], out var parent) || !int.TryParse(fields[3], out var session) || !long.TryParse(fields[19], out var startedAt))
        {
            return false;
        }

        row = new ProcessRow(pid, parent, session, fields[0] is "Z" or "X", startedAt);
        return true;
    }
}
