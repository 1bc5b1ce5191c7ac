using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How long a server takes from nothing to its first client, and what it weighs then.</summary>
internal sealed class ColdStartScenario : IScenario
{
    private const double Megabyte = 1024 * 1024;

    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public string Name => "cold-start";

    /// <inheritdoc/>
    public string Explanation => "From process start until it is ready (an accepted connection; for parley /ready), empty data folder; resident bytes (Pss) one second later.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var starts = new Dictionary<string, List<(double Milliseconds, double Megabytes)>>();
        for (var run = 0; run < context.Options.Runs; run++)
        {
            foreach (var name in context.Options.Peers)
            {
                await using var peer = context.CreatePeer(name, isSecured: false);
                if (peer.Unavailable is { } reason)
                {
                    context.Say($"skipped {name}: {reason}");
                    continue;
                }

                var begun = context.TimeProvider.GetTimestamp();
                await peer.StartAsync(cancellationToken);
                var milliseconds = context.TimeProvider.GetElapsedTime(begun).TotalMilliseconds;
                await Task.Delay(_settle, context.TimeProvider, cancellationToken);
                starts.TryAdd(name, []);
                starts[name].Add((milliseconds, ProcessUsage.ResidentBytes(peer.ProcessId) / Megabyte));
                context.Say(FormattableString.Invariant($"{name}: ready after {milliseconds:0} ms, {starts[name][^1].Megabytes:0.0} MiB"));
            }
        }

        return
        [
            .. starts.Select(peer => new Measurement("cold start to ready", peer.Key, "ms", Summary.Of([.. peer.Value.Select(start => start.Milliseconds)]))),
            .. starts.Select(peer => new Measurement("empty server, resident", peer.Key, "MiB", Summary.Of([.. peer.Value.Select(start => start.Megabytes)]))),
        ];
    }
}
