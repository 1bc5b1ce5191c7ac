using System.Globalization;
using Parley.Benchmarks.Agents;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;
using Parley.Client.Load;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Events that connections want: how fast they are matched and stored, and how fast they are delivered.</summary>
internal sealed class EventsScenario : IScenario
{
    private const int EmittedAtOnce = 64;
    private const int Receivers = 16;
    private const string Plain = "plain";

    private static readonly int[] _connections = [10, 1000, 10_000];
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _breath = TimeSpan.FromMilliseconds(2);

    /// <inheritdoc/>
    public string Name => "events";

    /// <inheritdoc/>
    public string Reference => Plain;

    /// <inheritdoc/>
    public string Explanation =>
        $"Events over HTTP, {EmittedAtOnce} under way, commits that survive a power cut. Matched and stored: each event is wanted by one of N connections, which are paused, so that its delivery is stored and waits; plain is an event that nobody wants. "
        + $"Delivered: each event goes to {Receivers} webhooks on loopback (a bare Kestrel), until the last outcome is stored.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (context.Options.ParleyProgram is not { } program)
        {
            context.Say("skipped: name the built program with --parley");
            return [];
        }

        return
        [
            .. await MeasureMatchingAsync(context, program, cancellationToken),
            .. await MeasureDeliveringAsync(context, program, cancellationToken),
        ];
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureMatchingAsync(BenchContext context, string program, CancellationToken cancellationToken)
    {
        await using var hub = new EventsHub(program, context.TimeProvider);
        await hub.StartAsync(cancellationToken);
        var (rows, made) = (new List<Measurement>(), 0);
        foreach (var count in _connections.Prepend(0))
        {
            for (; made < count; made++)
            {
                await hub.ConnectAsync(NameOf(made), "http://127.0.0.1:9/", isPaused: true, cancellationToken);
            }

            var rates = new List<double>();
            for (var run = 0; run <= context.Options.Runs; run++)
            {
                var rate = await EmitAsync(context, hub, number => count == 0 ? "nobody" : NameOf(number % count), count == 0 ? 0 : 1, cancellationToken);
                context.Say(FormattableString.Invariant($"{(run == 0 ? "warm-up" : $"run {run}")} {count} connections: {rate:#,0} events/s"));
                rates.Add(rate);
            }

            rows.Add(new Measurement(
                "events matched and stored", count == 0 ? Plain : count.ToString("#,0", CultureInfo.InvariantCulture) + " connections", "events/s", Summary.Of([.. rates.Skip(1)])));
        }

        return rows;
    }

    private static async Task<IReadOnlyList<Measurement>> MeasureDeliveringAsync(BenchContext context, string program, CancellationToken cancellationToken)
    {
        var port = ServerProcess.FreePort();
        await using var receiver = new ServerProcess(context.TimeProvider);
        await receiver.StartAsync(Environment.ProcessPath!, [BareHttpServer.Verb, port.ToString(CultureInfo.InvariantCulture)], port, cancellationToken);
        await using var hub = new EventsHub(program, context.TimeProvider);
        await hub.StartAsync(cancellationToken);
        for (var number = 0; number < Receivers; number++)
        {
            await hub.ConnectAsync("all", $"http://127.0.0.1:{port}/{number}", isPaused: false, cancellationToken);
        }

        var rates = new List<double>();
        for (var run = 0; run <= context.Options.Runs; run++)
        {
            var (before, begun) = (await hub.DeliveredAsync(cancellationToken), context.TimeProvider.GetTimestamp());
            var events = context.Options.Messages / Receivers;
            await Parallel.ForAsync(
                0, events, new ParallelOptions { MaxDegreeOfParallelism = EmittedAtOnce, CancellationToken = cancellationToken }, async (_, token) => await hub.EmitAsync("all", token));
            long done;
            while ((done = await hub.DeliveredAsync(cancellationToken) - before) < events * Receivers)
            {
                if (context.TimeProvider.GetElapsedTime(begun) > _patience)
                {
                    throw new InvalidOperationException($"{done} of {events * Receivers} deliveries were taken.");
                }

                await Task.Delay(_breath, context.TimeProvider, cancellationToken);
            }

            rates.Add(done / context.TimeProvider.GetElapsedTime(begun).TotalSeconds);
            context.Say(FormattableString.Invariant($"{(run == 0 ? "warm-up" : $"run {run}")}: {rates[^1]:#,0} deliveries/s"));
        }

        return [new Measurement("delivered, durable", "webhook", "deliveries/s", Summary.Of([.. rates.Skip(1)]))];
    }

    private static async Task<double> EmitAsync(BenchContext context, EventsHub hub, Func<int, string> workflow, int wanted, CancellationToken cancellationToken)
    {
        var (begun, emitted) = (context.TimeProvider.GetTimestamp(), 0);
        await Task.WhenAll(Enumerable.Range(0, EmittedAtOnce).Select(_ => Task.Run(WorkAsync, cancellationToken)));
        return emitted / context.TimeProvider.GetElapsedTime(begun).TotalSeconds;

        async Task WorkAsync()
        {
            while (context.TimeProvider.GetElapsedTime(begun) < context.Options.RunLength)
            {
                var deliveries = await hub.EmitAsync(workflow(Interlocked.Increment(ref emitted)), cancellationToken);
                if (deliveries != wanted)
                {
                    throw new InvalidOperationException($"An event brings {deliveries} deliveries, not {wanted}.");
                }
            }
        }
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"step-{number}");
}
