using Parley.Hub;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.EndToEndTests.Skill;

/// <summary>A real hub, and agents of one machine that use the skill on it.</summary>
internal sealed class SkillStage : IAsyncDisposable
{
    private readonly TempFolder _machine = new();
    private readonly List<SkillAgent> _agents = [];

    private SkillStage(ApiHub hub) => Hub = hub;

    /// <summary>The hub.</summary>
    public ApiHub Hub { get; }

    /// <summary>Where the machine's agents keep their sessions.</summary>
    public string Sessions => Directory.EnumerateDirectories(_machine.FullPath, "a2a-rooms-*").Single();

    /// <summary>Where temporary files go on the machine.</summary>
    public string Machine => _machine.FullPath;

    /// <summary>The hub's address.</summary>
    public string Address => Hub.Hub.LocalHttp.ToString().TrimEnd('/');

    /// <summary>Starts the hub.</summary>
    public static async Task<SkillStage> StartAsync(Action<HubOptions>? configure = null) =>
        new(await ApiHub.StartAsync(options =>
        {
            options.Rooms.WaitLimit = TimeSpan.FromSeconds(20);
            configure?.Invoke(options);
        }));

    /// <summary>Starts a hub that speaks TLS with a certificate of its own.</summary>
    public static Task<SkillStage> StartTlsAsync() =>
        StartAsync(options => (options.Http, options.Grpc, options.Tls) = (new Uri("https://127.0.0.1:0"), null, TlsOptions.Self));

    /// <summary>One more agent on the machine.</summary>
    public SkillAgent Agent()
    {
        var agent = new SkillAgent(_machine.FullPath, Address);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>Two agents in a room, the join notice read.</summary>
    public async Task<(SkillAgent Host, SkillAgent Joiner)> PairAsync()
    {
        var (host, joiner) = (Agent(), Agent());
        var opened = await host.SayAsync("a2a-host-connect");
        Assert.Contains("STATUS: (2/2 connected)", await joiner.SayAsync("a2a-join-connect", After(opened, "INVITE_CODE: ")));
        Assert.Contains("has joined", await host.SayAsync("a2a-wait-message", "host"));
        return (host, joiner);
    }

    /// <summary>Waits until this many waits are parked at the hub.</summary>
    public Task UntilParkedAsync(int count = 1) => Deadline.UntilAsync(() => Hub.Get<RoomService>().Meter.OpenWaits == count, "a parked wait");

    /// <summary>The rest of the line that begins so.</summary>
    public static string After(string output, string label) => output.Split('\n').Single(line => line.StartsWith(label, StringComparison.Ordinal))[label.Length..];

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents)
        {
            agent.Dispose();
        }

        await Hub.DisposeAsync();
        _machine.Dispose();
    }
}
