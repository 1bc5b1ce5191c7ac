using System.Diagnostics;

namespace Parley.Benchmarks.WebRtc;

/// <summary>Starts what is measured in a process of its own: ours is this program, the other stack's a script beside its packages.</summary>
internal static class PairProcess
{
    /// <summary>What the other stack is called.</summary>
    public const string Other = "node-datachannel";

    /// <summary>What ours is called.</summary>
    public const string Ours = "parley";

    /// <summary>Starts one.</summary>
    /// <param name="peer">Whose.</param>
    /// <param name="name">The verb of ours; with <c>.mjs</c>, the other's script.</param>
    /// <param name="arguments">What both take.</param>
    /// <param name="nodeFolder">Where the other's packages are.</param>
    public static Process Start(string peer, string name, IEnumerable<string> arguments, string? nodeFolder)
    {
        if (peer != Other)
        {
            return Start(Environment.ProcessPath!, [name, .. arguments], null);
        }

        // A script finds its packages beside itself.
        var (script, folder) = (name + ".mjs", nodeFolder ?? throw new InvalidOperationException("--node FOLDER says where the packages are."));
        File.Copy(Path.Combine(AppContext.BaseDirectory, script), Path.Combine(folder, script), overwrite: true);
        return Start("node", [script, .. arguments], folder);
    }

    /// <summary>Ends one, whatever it does.</summary>
    public static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync(CancellationToken.None);
    }

    private static Process Start(string program, IEnumerable<string> arguments, string? folder) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder ?? string.Empty })
            ?? throw new InvalidOperationException($"{program} did not start.");
}
