using System.Text.Json;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.RoomClient;

/// <summary>A real hub, and machines around it: each has a home and a folder of supervised sessions.</summary>
internal sealed class RoomSite : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<RealProcess> _started = [];

    private RoomSite(HubProcess hub) => (Hub, Address) = (hub, hub.ReadFile("http").GetString()!);

    public HubProcess Hub { get; private set; }

    public string Address { get; }

    public string PathOf(string name) => _folder.PathOf(name);

    public static async Task<RoomSite> StartAsync(params string[] options) => new(await HubProcess.StartAsync(options));

    /// <summary>The same with further variables in the hub's environment.</summary>
    public static async Task<RoomSite> StartWithAsync(Dictionary<string, string?> variables) => new(await HubProcess.StartWithAsync(variables));

    /// <summary>Runs <c>parley room</c> on a machine.</summary>
    public Task<ProcessOutcome> RoomAsync(string machine, params string[] arguments) => RoomWithInputAsync(machine, string.Empty, arguments);

    public Task<ProcessOutcome> RoomWithInputAsync(string machine, string input, params string[] arguments) =>
        ParleyProgram.RunWithAsync(PathOf(machine), Variables(), input, ["room", .. arguments]);

    public RealProcess StartRoom(string machine, params string[] arguments) => Track(ParleyProgram.StartWith(PathOf(machine), Variables(), ["room", .. arguments]));

    /// <summary>Starts <c>parley supervise</c> on a machine with a bash script as its runner.</summary>
    public RealProcess Supervise(string machine, string script, params string[] arguments) => SuperviseWith(machine, Variables(), script, arguments);

    public RealProcess SuperviseWith(string machine, Dictionary<string, string?> variables, string script, params string[] arguments)
    {
        var file = PathOf($"{machine}-runner.sh");
        File.WriteAllText(file, script);
        return Track(ParleyProgram.StartWith(
            PathOf(machine), variables, ["supervise", "--session-root", RootOf(machine), "--agent-label", machine, "--runner-command", $"bash {file}", .. arguments]));
    }

    public RealProcess Track(RealProcess process)
    {
        _started.Add(process);
        return process;
    }

    public Dictionary<string, string?> Variables() => new()
    {
        ["PARLEY_HUB"] = Address,
        // A login shell reads its profile, and this machine's may do anything.
        ["HOME"] = PathOf("user"),
        ["A2A_RUNNER_COMMAND"] = null,
        ["A2A_INVITE"] = null,
        ["A2A_SERVER"] = null,
        ["A2A_BASE_URL"] = null,
        ["A2A_PINNEDPUBKEY"] = null,
        ["PARLEY_PIN"] = null,
    };

    public string RootOf(string machine) => PathOf(machine + "-sessions");

    /// <summary>The folder of a machine's one supervised session.</summary>
    public string SessionOf(string machine) => Assert.Single(Directory.GetDirectories(RootOf(machine)));

    public JsonElement FactsOf(string machine)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SessionOf(machine), "session.json")));
        return json.RootElement.Clone();
    }

    public static async Task<string> CodeAsync(RealProcess supervisor, string kind) => (await supervisor.WaitForOutputAsync(kind + ": "))[(kind.Length + 2)..];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            await process.DisposeAsync();
        }

        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}
