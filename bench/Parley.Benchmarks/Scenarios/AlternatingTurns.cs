using Parley.Benchmarks.Measuring;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Runs of a load against servers in turn: so that what the machine does meanwhile meets all of them.</summary>
internal static class AlternatingTurns
{
    private const int WarmUpTurns = 3;
    private static readonly TimeSpan _longestWarmUp = TimeSpan.FromSeconds(0.5);

    /// <summary>Runs it; the first turns warm up and are not kept.</summary>
    /// <param name="context">Options, clock, and who is told.</param>
    /// <param name="servers">The servers, started.</param>
    /// <param name="name">What is measured, for who is told.</param>
    /// <param name="unit">Of the rate.</param>
    /// <param name="run">One run; it opens its window when its connections stand.</param>
    public static async Task<Dictionary<TServer, List<LoadResult>>> RunAsync<TServer>(
        BenchContext context, IReadOnlyList<TServer> servers, string name, string unit, Func<TServer, Func<MeasuredWindow>, Task<LoadResult>> run)
        where TServer : IMeasuredServer
    {
        var length = context.Options.RunLength;
        var warmUp = length / 4 < _longestWarmUp ? length / 4 : _longestWarmUp;
        var results = servers.ToDictionary(server => server, _ => new List<LoadResult>());
        for (var turn = 1 - WarmUpTurns; turn <= context.Options.Runs; turn++)
        {
            // Whoever comes first in one turn is last in the next.
            foreach (var server in turn % 2 == 0 ? servers : servers.Reverse())
            {
                var result = await run(server, () => new MeasuredWindow(context.TimeProvider, warmUp, length));
                context.Say(FormattableString.Invariant($"{(turn <= 0 ? "warm-up" : $"run {turn}")} {name} {server.Name}: {RateOf(result):#,0} {unit}, p50 {result.Microseconds(50):0} us, p99 {result.Microseconds(99):0} us"));
                if (turn > 0)
                {
                    results[server].Add(result);
                }
            }
        }

        return results;
    }

    /// <summary>A row for each server.</summary>
    public static IEnumerable<Measurement> Rows<TServer>(IEnumerable<TServer> servers, Dictionary<TServer, List<LoadResult>> results, string scenario, string unit, Func<LoadResult, double> value)
        where TServer : IMeasuredServer =>
        servers.Select(server => new Measurement(scenario, server.Name, unit, Summary.Of([.. results[server].Select(value)])));

    /// <summary>Requests a second.</summary>
    public static double RateOf(LoadResult result) => result.Durations.Count / result.Length.TotalSeconds;

    /// <summary>The server's processor time for each, in microseconds.</summary>
    public static double ServerMicroseconds(LoadResult result) => result.ServerTime.TotalMicroseconds / Math.Max(1, result.Durations.Count);
}
