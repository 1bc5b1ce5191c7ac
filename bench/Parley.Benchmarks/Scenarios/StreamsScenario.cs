using System.Text;
using Parley.Benchmarks.Agents;
using Parley.Benchmarks.Measuring;
using Parley.Client.Load;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Streamed answers of an agent: how soon the first word comes, and what a stream costs that stays open.</summary>
internal sealed class StreamsScenario : IScenario
{
    private const int WarmUpTurns = 3;
    private const int OpenedAtOnce = 32;
    private const double Kilobyte = 1024;

    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(3);

    private delegate AgentStream Open(HttpMessageInvoker invoker, HubAgentPeer hub, string text, TimeProvider timeProvider, CancellationToken cancellationToken);

    private static readonly (string Name, Open Open)[] _doors =
    [
        ("A2A", AgentStream.OverA2a),
        ("OpenAI", (invoker, hub, text, _, cancellationToken) => AgentStream.OverOpenAi(invoker, hub, text, cancellationToken)),
    ];

    /// <inheritdoc/>
    public string Name => "streams";

    /// <inheritdoc/>
    public string Explanation =>
        "Streamed answers of an agent that says its first word at once: from the request to that word at the client, one after another, so all of it is the hub's, the link's and both clients' own. "
        + "Then streams that stay open, one HTTP/1.1 connection each: resident bytes (Pss) of the hub beyond what it had before, for each. A2A is SendStreamingMessage over JSON-RPC, OpenAI a chat completion.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (context.Options.ParleyProgram is not { } program)
        {
            context.Say("skipped: name the built program with --parley");
            return [];
        }

        var rows = new List<Measurement>();
        foreach (var (name, open) in _doors)
        {
            var responder = new FirstWord();
            await using var hub = new HubAgentPeer(program, context.TimeProvider, responder: responder, concurrency: context.Options.Streams);
            await hub.StartAsync(cancellationToken);
            using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
            using var invoker = new HttpMessageInvoker(handler);
            rows.AddRange(await MeasureFirstWordAsync(context, name, open, invoker, hub, cancellationToken));
            rows.Add(await MeasureOpenAsync(context, name, open, invoker, hub, responder, cancellationToken));
        }

        return rows;
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureFirstWordAsync(
        BenchContext context, string name, Open open, HttpMessageInvoker invoker, HubAgentPeer hub, CancellationToken cancellationToken)
    {
        var (clock, runs) = (context.TimeProvider, new List<Histogram>());
        for (var run = 1 - WarmUpTurns; run <= context.Options.Runs; run++)
        {
            var times = new Histogram();
            for (var begun = clock.GetTimestamp(); clock.GetElapsedTime(begun) < context.Options.RunLength;)
            {
                var asked = clock.GetTimestamp();
                await using var stream = open(invoker, hub, "say it", clock, cancellationToken);
                await stream.FirstWordAsync(cancellationToken);
                times.Record((long)clock.GetElapsedTime(asked).TotalNanoseconds);
                await stream.EndAsync();
            }

            context.Say(FormattableString.Invariant($"{(run <= 0 ? "warm-up" : $"run {run}")} {name}: first word p50 {Microseconds(times, 50):0} us, p99 {Microseconds(times, 99):0} us"));
            if (run > 0)
            {
                runs.Add(times);
            }
        }

        return
        [
            new Measurement($"{name}, first word, p50", hub.Name, "us", Summary.Of([.. runs.Select(times => Microseconds(times, 50))])),
            new Measurement($"{name}, first word, p99", hub.Name, "us", Summary.Of([.. runs.Select(times => Microseconds(times, 99))])),
        ];
    }

    private static async Task<Measurement> MeasureOpenAsync(
        BenchContext context, string name, Open open, HttpMessageInvoker invoker, HubAgentPeer hub, FirstWord responder, CancellationToken cancellationToken)
    {
        var count = context.Options.Streams;
        await Task.Delay(_settle, context.TimeProvider, cancellationToken);
        var before = ProcessUsage.ResidentBytes(hub.ProcessId);
        var streams = new AgentStream[count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, count, parallel, async (place, token) =>
        {
            streams[place] = open(invoker, hub, Encoding.UTF8.GetString(FirstWord.Hold), context.TimeProvider, cancellationToken);
            await streams[place].FirstWordAsync(token);
        });
        if (responder.Held != count)
        {
            throw new InvalidOperationException($"{responder.Held} of {count} answers are open.");
        }

        await Task.Delay(_settle, context.TimeProvider, cancellationToken);
        var each = (ProcessUsage.ResidentBytes(hub.ProcessId) - before) / (double)count / Kilobyte;
        context.Say(FormattableString.Invariant($"{name}: {each:0.0} KiB for each of {count} open streams"));
        responder.Release();
        await Task.WhenAll(streams.Select(stream => stream.EndAsync()));
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
        return new Measurement($"{name}, {count} open streams, resident each", hub.Name, "KiB", Summary.Of([each]));
    }

    private static double Microseconds(Histogram times, double percent) => times.Percentile(percent) / 1000.0;
}
