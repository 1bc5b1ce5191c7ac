using Parley.Benchmarks.Agents;
using Parley.Benchmarks.Measuring;
using Parley.Gateway.Client;

namespace Parley.Benchmarks.Scenarios;

/// <summary>An agent as a server of A2A, through the hub and on A2A's own server.</summary>
internal sealed class A2aScenario : IScenario
{
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
        var name = $"{(load.Binding == A2aBinding.Grpc ? "gRPC" : "JSON-RPC")}, {load.Clients} {(load.Clients == 1 ? "client" : "clients")}";
        var results = await AlternatingTurns.RunAsync(context, peers, name, "requests/s", (peer, open) => load.RunAsync(peer, open(), context.TimeProvider, cancellationToken));
        return
        [
            .. AlternatingTurns.Rows(peers, results, $"{name}, requests", "1/s", AlternatingTurns.RateOf),
            .. AlternatingTurns.Rows(peers, results, $"{name}, p50", "us", result => result.Microseconds(50)),
            .. AlternatingTurns.Rows(peers, results, $"{name}, p99", "us", result => result.Microseconds(99)),
            .. AlternatingTurns.Rows(peers, results, $"{name}, server CPU per request", "us", AlternatingTurns.ServerMicroseconds),
        ];
    }
}
