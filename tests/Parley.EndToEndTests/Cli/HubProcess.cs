using System.Text.Json;
using Parley.Testing;

namespace Parley.EndToEndTests.Cli;

/// <summary>A hub in a process of its own, on free ports, with a data folder that is gone after the test.</summary>
internal sealed class HubProcess : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly IReadOnlyDictionary<string, string?> _variables;
    private readonly string[] _options;

    private HubProcess(IReadOnlyDictionary<string, string?> variables, string[] options) => (_variables, _options) = (variables, options);

    /// <summary>The process; another one after <see cref="RestartAsync"/>.</summary>
    public RealProcess Process { get; private set; } = null!;

    /// <summary>Its data folder.</summary>
    public string Data => _folder.PathOf("data");

    /// <summary>Where it says it is.</summary>
    public string FilePath => Path.Combine(Data, "hub.json");

    /// <summary>A home that is not made yet.</summary>
    public string HomeOf(string name) => _folder.PathOf(name);

    /// <summary>Starts a hub and waits until it is ready.</summary>
    public static Task<HubProcess> StartAsync(params string[] options) => StartWithAsync(new Dictionary<string, string?>(), options);

    /// <summary>The same with further variables in its environment.</summary>
    public static async Task<HubProcess> StartWithAsync(IReadOnlyDictionary<string, string?> variables, params string[] options)
    {
        string[] listen = options.Contains("--tls")
            ? ["--listen", $"https://127.0.0.1:{LoopbackPorts.Take()}"]
            : ["--listen", $"http://127.0.0.1:{LoopbackPorts.Take()}", "--grpc", $"http://127.0.0.1:{LoopbackPorts.Take()}"];
        var hub = new HubProcess(variables, [.. listen, .. options]);
        hub.Launch();
        await hub.Process.WaitForErrorAsync("ready http");
        return hub;
    }

    /// <summary>Waits until the process, which was told to stop or was killed, has ended, and starts it again on its data and its ports.</summary>
    public async Task RestartAsync()
    {
        await Process.WaitForExitAsync();
        await Process.DisposeAsync();
        Launch();
        await Process.WaitForErrorAsync("ready http");
    }

    /// <summary>Runs <c>parley admin</c> against it.</summary>
    public Task<ProcessOutcome> AdminAsync(params string[] arguments) => ParleyProgram.RunAsync(HomeOf("operator"), ["admin", "--data", Data, .. arguments]);

    /// <summary>A join string.</summary>
    public async Task<string> MakeJoinStringAsync(params string[] options) => (await AdminAsync(["tokens", "create", .. options])).Output.Trim();

    /// <summary>A member of hub.json.</summary>
    public JsonElement ReadFile(string member)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(FilePath));
        return json.RootElement.GetProperty(member).Clone();
    }

    private void Launch() => Process = ParleyProgram.StartWith(HomeOf("operator"), _variables, ["hub", "--data", Data, .. _options]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }
}
