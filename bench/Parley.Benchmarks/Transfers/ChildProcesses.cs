using System.Runtime.InteropServices;

namespace Parley.Benchmarks.Transfers;

/// <summary>What the ended children of this process used, and their children: getrusage(2) with RUSAGE_CHILDREN.</summary>
internal static partial class ChildProcesses
{
    private const int Children = -1;

    /// <summary>Processor time, user and system, of all that have ended so far.</summary>
    public static TimeSpan ProcessorTime()
    {
        var usage = new long[18];
        return GetUsage(Children, usage) == 0
            ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3])
            : throw new InvalidOperationException("getrusage failed.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetUsage(int who, [Out] long[] usage);
}
