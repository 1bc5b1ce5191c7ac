using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>What an agent costs the server while it only waits.</summary>
internal sealed class IdleScenario : IScenario
{
    private const int ConnectsAtOnce = 32;
    private const double Kilobyte = 1024;

    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(2);

    /// <summary>From the last attachment until the processor is watched: a server that has just taken thousands of agents still compiles and collects what that made busy.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(45);

    /// <inheritdoc/>
    public string Name => "idle";

    /// <inheritdoc/>
    public string Explanation => "Agents that are attached and wait. Resident bytes (Pss) per agent beyond the empty server, and share of one core, both from 45 s after the last came; heartbeat 30 s (redis has none).";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = new List<Measurement>();
        foreach (var name in context.Options.Peers)
        {
            await using var peer = context.CreatePeer(name, isSecured: false);
            if (peer.Unavailable is { } reason)
            {
                context.Say($"skipped {name}: {reason}");
                continue;
            }

            rows.AddRange(await MeasureAsync(peer, context, cancellationToken));
        }

        return [.. rows.OrderBy(row => row.Scenario, StringComparer.Ordinal)];
    }

    /// <summary>Attaches many agents, a few at a time.</summary>
    public static async Task<IReadOnlyList<IAsyncDisposable>> ConnectAsync(IRequestReplyPeer peer, int count, CancellationToken cancellationToken)
    {
        var agents = new IAsyncDisposable[count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, count, parallel, async (i, token) => agents[i] = await peer.ConnectIdleAsync($"bench-idle-{i}", token));
        return agents;
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureAsync(IRequestReplyPeer peer, BenchContext context, CancellationToken cancellationToken)
    {
        var (options, clock) = (context.Options, context.TimeProvider);
        await peer.StartAsync(cancellationToken);
        await Task.Delay(_settle, clock, cancellationToken);
        var empty = ProcessUsage.ResidentBytes(peer.ProcessId);
        var begun = clock.GetTimestamp();
        var agents = await ConnectAsync(peer, options.Agents, cancellationToken);
        try
        {
            var connecting = clock.GetElapsedTime(begun);
            await Task.Delay(_rest, clock, cancellationToken);
            var perAgent = (ProcessUsage.ResidentBytes(peer.ProcessId) - empty) / (double)options.Agents;
            var busyBefore = ProcessUsage.ProcessorTime(peer.ProcessId);
            var watched = clock.GetTimestamp();
            await Task.Delay(options.IdleLength, clock, cancellationToken);
            var busy = (ProcessUsage.ProcessorTime(peer.ProcessId) - busyBefore) / clock.GetElapsedTime(watched);
            context.Say(FormattableString.Invariant($"{peer.Name}: {perAgent / Kilobyte:0.0} KiB per agent, {busy * 100:0.00} % of a core"));
            return
            [
                Single($"idle {options.Agents} agents, resident per agent", "KiB", perAgent / Kilobyte),
                Single($"idle {options.Agents} agents, share of one core", "%", busy * 100),
                Single($"idle {options.Agents} agents, attached per second", "/s", options.Agents / connecting.TotalSeconds),
                Single("empty server, resident", "MiB", empty / Kilobyte / Kilobyte),
            ];
        }
        finally
        {
            await Task.WhenAll(agents.Select(agent => agent.DisposeAsync().AsTask()));
        }

        Measurement Single(string scenario, string unit, double value) => new(scenario, peer.Name, unit, Summary.Of([value]));
    }
}
