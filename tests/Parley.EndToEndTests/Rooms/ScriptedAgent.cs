using Parley.Testing;

namespace Parley.EndToEndTests.Rooms;

/// <summary>A machine on which the scripts of one generation run: bash and curl, with a folder of its own for tokens.</summary>
internal sealed class ScriptedAgent : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _script;
    private readonly Dictionary<string, string?> _environment;

    /// <param name="generation"><c>first</c> or <c>newest</c>.</param>
    /// <param name="hub">Where the hub is.</param>
    /// <param name="certificate">What curl trusts; null: clear text.</param>
    public ScriptedAgent(string generation, Uri hub, string? certificate)
    {
        Requires.Program("curl");
        _script = Path.Combine(RepositoryFiles.Root, $"tests/Parley.EndToEndTests/Rooms/{generation}-generation.sh");
        _environment = new Dictionary<string, string?>
        {
            ["TMPDIR"] = _folder.FullPath,
            ["CURL_CA_BUNDLE"] = certificate,
            ["A2A_SERVER"] = certificate is null ? null : $"localhost:{hub.Port}",
            ["A2A_BASE_URL"] = certificate is null ? hub.ToString().TrimEnd('/') : null,
            ["A2A_ALLOW_CLOSE"] = "true",
            ["A2A_INVITE"] = null,
            ["EMULATOR_RETRY_SECONDS"] = "0",
            ["LC_ALL"] = "C.UTF-8",
        };
    }

    /// <summary>Runs one script to its end.</summary>
    public Task<ProcessOutcome> RunAsync(params string[] arguments) => RealProcess.RunAsync("bash", [_script, .. arguments], string.Empty, _environment);

    /// <summary>The same, for its output.</summary>
    public async Task<string> SayAsync(params string[] arguments) => (await RunAsync(arguments)).Output.TrimEnd('\n');

    /// <summary>Starts one that waits.</summary>
    public RealProcess Start(params string[] arguments) => RealProcess.Start("bash", [_script, .. arguments], _environment);

    public void Dispose() => _folder.Dispose();
}
