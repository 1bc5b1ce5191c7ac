using Parley.Testing;

namespace Parley.EndToEndTests.Skill;

/// <summary>An agent in a folder of its own that runs the skill's scripts with real bash and curl.</summary>
internal sealed class SkillAgent : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <param name="machine">The folder for temporary files, shared by the agents of one machine.</param>
    /// <param name="hub">What <c>A2A_BASE_URL</c> says; null: nothing.</param>
    public SkillAgent(string machine, string? hub)
    {
        Requires.Program("bash");
        Requires.Program("curl");
        Environment = new Dictionary<string, string?>
        {
            ["TMPDIR"] = machine,
            ["HOME"] = _folder.FullPath,
            ["A2A_BASE_URL"] = hub,
            ["A2A_RETRY_SECONDS"] = "0",
            ["LC_ALL"] = "C.UTF-8",
        };
        foreach (var name in new[] { "A2A_SERVER", "A2A_INVITE", "A2A_SESSION", "A2A_PINNEDPUBKEY", "A2A_ALLOW_CLOSE", "A2A_STATE_DIR", "A2A_LOOP_MAX_SECONDS", "A2A_WAIT_POLL_TIMEOUT", "CURL_CA_BUNDLE", "PARLEY_HUB" })
        {
            Environment[name] = null;
        }
    }

    /// <summary>The scripts' folder.</summary>
    public static string Scripts { get; } = Path.Combine(RepositoryFiles.Root, "skill/scripts");

    /// <summary>What the scripts find in their environment.</summary>
    public Dictionary<string, string?> Environment { get; }

    /// <summary>The folder in which the agent works.</summary>
    public string Folder => _folder.FullPath;

    /// <summary>Runs a script to its end.</summary>
    public Task<ProcessOutcome> RunAsync(string script, params string[] arguments) => RunWithInputAsync(string.Empty, script, arguments);

    /// <summary>The same with something on its standard input.</summary>
    public Task<ProcessOutcome> RunWithInputAsync(string input, string script, params string[] arguments) =>
        RealProcess.RunAsync("bash", [PathOf(script), .. arguments], input, Environment, Folder);

    /// <summary>Runs a script for what it prints.</summary>
    public async Task<string> SayAsync(string script, params string[] arguments) => (await RunAsync(script, arguments)).Output.TrimEnd('\n');

    /// <summary>Starts a script that waits.</summary>
    public RealProcess Start(string script, params string[] arguments) => RealProcess.Start("bash", [PathOf(script), .. arguments], Environment, Folder);

    public void Dispose() => _folder.Dispose();

    private static string PathOf(string script) => Path.Combine(Scripts, script + ".sh");
}
