using System.Globalization;

namespace Parley.Benchmarks.Measuring;

/// <summary>What another process uses, read from Linux's /proc.</summary>
internal static class ProcessUsage
{
    /// <summary>Ticks of /proc/PID/stat in a second: USER_HZ, 100 on every Linux that .NET runs on.</summary>
    public const int TicksPerSecond = 100;

    /// <summary>Proportional resident bytes: shared pages are divided among their users; plain VmRSS where the kernel does not tell.</summary>
    public static long ResidentBytes(int processId)
    {
        var rollup = $"/proc/{processId}/smaps_rollup";
        if (File.Exists(rollup) && TryReadKilobytes(File.ReadAllText(rollup), "Pss:", out var bytes))
        {
            return bytes;
        }

        return TryReadKilobytes(File.ReadAllText($"/proc/{processId}/status"), "VmRSS:", out bytes)
            ? bytes
            : throw new InvalidDataException($"/proc/{processId}/status has no VmRSS.");
    }

    /// <summary>Processor time used so far, user and system.</summary>
    public static TimeSpan ProcessorTime(int processId) =>
        TimeSpan.FromSeconds((double)ParseTicks(File.ReadAllText($"/proc/{processId}/stat")) / TicksPerSecond);

    /// <summary>Memory of this machine in bytes.</summary>
    public static long MachineBytes() =>
        TryReadKilobytes(File.ReadAllText("/proc/meminfo"), "MemTotal:", out var bytes) ? bytes : 0;

    /// <summary>Finds a line such as <c>Pss:   1234 kB</c> and gives its bytes.</summary>
    public static bool TryReadKilobytes(string text, string label, out long bytes)
    {
        bytes = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(label) && line.EndsWith(" kB"))
            {
                var parsed = long.TryParse(line[label.Length..^3].Trim(), CultureInfo.InvariantCulture, out var kilobytes);
                bytes = kilobytes * 1024;
                return parsed;
            }
        }

        return false;
    }

    /// <summary>utime + stime (fields 14 and 15, proc(5)) of a stat line. The name in field 2 may hold spaces and parentheses.</summary>
    public static long ParseTicks(string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
