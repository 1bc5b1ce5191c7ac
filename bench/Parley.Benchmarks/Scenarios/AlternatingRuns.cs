using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Measures peers in turns (A B C A B C ...), so that a noisy minute on the machine falls on all of them.</summary>
internal static class AlternatingRuns
{
    /// <summary>Turns that are thrown away: until then a server that compiles its busiest code while it runs is not measured but its compiler.</summary>
    private const int WarmUpTurns = 3;

    /// <summary>Warm-up turns, then as many turns as the options say.</summary>
    /// <param name="context">Options and clock.</param>
    /// <param name="load">What the agents do.</param>
    /// <param name="isSecured">Over TLS.</param>
    /// <param name="columns">Scenario name, unit, and the number taken from each run.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(
        BenchContext context,
        RequestReplyLoad load,
        bool isSecured,
        IReadOnlyList<(string Scenario, string Unit, Func<LoadResult, double> Value)> columns,
        CancellationToken cancellationToken)
    {
        await using var peers = await context.StartPeersAsync<IRequestReplyPeer>(isSecured, cancellationToken);
        var results = peers.ToDictionary(peer => peer.Name, _ => new List<LoadResult>());
        for (var run = 1 - WarmUpTurns; run <= context.Options.Runs; run++)
        {
            foreach (var peer in peers)
            {
                var result = await load.RunAsync(peer, WarmUp(context), context.Options.RunLength, context.TimeProvider, cancellationToken);
                context.Say(FormattableString.Invariant(
                    $"{(run <= 0 ? "warm-up" : $"run {run}")} {peer.Name}{(isSecured ? " TLS" : "")}: {result.MessagesPerSecond:#,0} msg/s, p50 {result.Microseconds(50):0} us, p99 {result.Microseconds(99):0} us"));
                if (run > 0)
                {
                    results[peer.Name].Add(result);
                }
            }
        }

        return [.. columns.SelectMany(column => peers.Select(peer => new Measurement(
            column.Scenario, peer.Name, column.Unit, Summary.Of([.. results[peer.Name].Select(column.Value)]))))];
    }

    private static TimeSpan WarmUp(BenchContext context) =>
        TimeSpan.FromSeconds(Math.Min(0.5, context.Options.RunLength.TotalSeconds / 4));
}
