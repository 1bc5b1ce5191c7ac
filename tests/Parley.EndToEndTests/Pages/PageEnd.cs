using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.Pages;

/// <summary>The page's own modules, run by node: one end of a session whose other end is ours.</summary>
internal static class PageEnd
{
    private static readonly string _scripts = Path.Combine(RepositoryFiles.Root, "tests", "Parley.EndToEndTests", "node", "page");

    /// <summary>The folder of the page.</summary>
    public static string Modules { get; } = Path.Combine(RepositoryFiles.Root, "src", "Parley.Hub", "Pages", "PeerToPeer");

    /// <summary>Starts an end that dials a session; skips the test where there is no node.</summary>
    public static RealProcess Start(TcpSession session, params string[] arguments) =>
        RealProcess.Start(Requires.Program("node"), [Path.Combine(_scripts, "end.mjs"), Modules, $"{session.Port}", .. arguments], keepInput: true);

    /// <summary>Runs tests that are written in JavaScript.</summary>
    public static Task<ProcessOutcome> RunTestsAsync(string script) =>
        RealProcess.RunAsync(Requires.Program("node"), [Path.Combine(_scripts, script), Modules], environment: new Dictionary<string, string?> { ["PARLEY_FUZZ"] = $"{Fuzz.Count}" });

    /// <summary>The last line of a type that an end said.</summary>
    public static JsonElement LastOf(RealProcess end, string type)
    {
        var line = end.Output.Split('\n').Last(line => line.StartsWith($"{{\"type\":\"{type}\"", StringComparison.Ordinal));
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
