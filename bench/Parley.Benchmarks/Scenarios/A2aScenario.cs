using Parley.Benchmarks.Agents;
using Parley.Benchmarks.Measuring;
using Parley.Gateway.Client;

namespace Parley.Benchmarks.Scenarios;

/// <summary>An agent as a server of A2A, through the hub and on A2A's own server.</summary>
internal sealed class A2aScenario : IScenario
{
    private const int WarmUpTurns = 3;

    /// <inheritdoc/>
    public string Name => "a2a";

    /// <inheritdoc/>
    public string Reference => SdkAgentPeer.PeerName;

    /// <inheritdoc/>
    public string Explanation =>
        "SendMessage of 128 bytes in A2A 1.0 to an agent that answers at once with a task of one artifact, by the same client of Parley.Gateway. The hub's agent is a whole listener behind a link, its tasks are stored before they are told: `parley` survives a power cut (one flush of the disk for each group), `parley-normal` a killed process; "
        + "the reference is `@a2a-js/sdk`'s own server on express and grpc-js, its agent inside and its tasks in memory. Both without TLS; the hub checks a key.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (context.Options is not { ParleyProgram: { } program, NodeFolder: { } folder })
        {
            context.Say("skipped: name the built program with --parley, and a folder with the packages of the end-to-end tests with --node (artifacts/node/...)");
            return [];
        }

        await using var sdk = new SdkAgentPeer(folder);
        await using var hub = new HubAgentPeer(program, context.TimeProvider);
        await using var normal = new HubAgentPeer(program, context.TimeProvider, durability: "normal");
        IAgentPeer[] peers = [sdk, hub, normal];
        foreach (var peer in peers)
        {
            await peer.StartAsync(cancellationToken);
        }

        var rows = new List<Measurement>();
        foreach (var binding in new[] { A2aBinding.JsonRpc, A2aBinding.Grpc })
        {
            foreach (var clients in new[] { 1, 32 })
            {
                rows.AddRange(await MeasureAsync(context, peers, new AgentLoad(clients, binding), cancellationToken));
            }
        }

        return rows;
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(BenchContext context, IAgentPeer[] peers, AgentLoad load, CancellationToken cancellationToken)
    {
        var length = context.Options.RunLength;
        var warmUp = TimeSpan.FromSeconds(Math.Min(0.5, length.TotalSeconds / 4));
        var results = peers.ToDictionary(peer => peer, _ => new List<LoadResult>());
        for (var run = 1 - WarmUpTurns; run <= context.Options.Runs; run++)
        {
            foreach (var peer in peers)
            {
                var result = await load.RunAsync(peer, warmUp, length, context.TimeProvider, cancellationToken);
                context.Say(FormattableString.Invariant(
                    $"{(run <= 0 ? "warm-up" : $"run {run}")} {load.Binding} {load.Clients} {peer.Name}: {RateOf(result):#,0} requests/s, p50 {result.Microseconds(50):0} us, p99 {result.Microseconds(99):0} us"));
                if (run > 0)
                {
                    results[peer].Add(result);
                }
            }
        }

        var name = $"{(load.Binding == A2aBinding.Grpc ? "gRPC" : "JSON-RPC")}, {load.Clients} {(load.Clients == 1 ? "client" : "clients")}";
        return
        [
            .. Rows($"{name}, requests", "1/s", RateOf),
            .. Rows($"{name}, p50", "us", result => result.Microseconds(50)),
            .. Rows($"{name}, p99", "us", result => result.Microseconds(99)),
            .. Rows($"{name}, server CPU per request", "us", result => result.ServerTime.TotalMicroseconds / Math.Max(1, result.Durations.Count)),
        ];

        IEnumerable<Measurement> Rows(string scenario, string unit, Func<LoadResult, double> value) =>
            peers.Select(peer => new Measurement(scenario, peer.Name, unit, Summary.Of([.. results[peer].Select(value)])));
    }

    private static double RateOf(LoadResult result) => result.Durations.Count / result.Length.TotalSeconds;
}
