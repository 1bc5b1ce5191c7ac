using Parley.Benchmarks.Agents;
using Parley.Benchmarks.Measuring;
using Parley.Client.Load;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How soon an agent has the turn of a direct connection, against a plain message between the same two agents.</summary>
internal sealed class TurnsScenario : IScenario
{
    private const string Plain = "plain";

    // What the hub still writes about the last turn is not the next step's.
    private static readonly TimeSpan _breath = TimeSpan.FromMilliseconds(6);

    /// <inheritdoc/>
    public string Name => "turns";

    /// <inheritdoc/>
    public string Reference => Plain;

    /// <inheritdoc/>
    public string Explanation =>
        "From emitting an event over the link until the message is with the responder of the agent that a direct connection names, one after another; plain is a message between the same two agents, over the same kind of link. "
        + "Less commit leaves out what the outbox takes: the time of a call that emits the same event for a connection that is paused, so that event and delivery are stored and nothing goes out, less that of a call that stores nothing. Since it is left out, commits survive a killed process here and no power cut: the disk's own time would hide what is measured.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (context.Options.ParleyProgram is not { } program)
        {
            context.Say("skipped: name the built program with --parley");
            return [];
        }

        await using var hub = new EventsHub(program, context.TimeProvider, durability: "normal");
        await hub.StartAsync(cancellationToken);
        await hub.ConnectAsync("turn", null, isPaused: false, cancellationToken);
        await hub.ConnectAsync("waits", null, isPaused: true, cancellationToken);
        (string Name, Func<Task<long>> Step)[] steps =
        [
            (Plain, () => hub.SendAsync(cancellationToken)), ("direct", () => hub.EmitToAgentAsync("turn", cancellationToken)),
            ("stored", () => hub.CallTimeAsync("waits", cancellationToken)), ("call", () => hub.CallTimeAsync(null, cancellationToken)),
        ];
        var medians = steps.ToDictionary(step => step.Name, _ => new List<double>());
        for (var run = 0; run <= context.Options.Runs; run++)
        {
            var times = steps.ToDictionary(step => step.Name, _ => new Histogram());
            for (var begun = context.TimeProvider.GetTimestamp(); context.TimeProvider.GetElapsedTime(begun) < context.Options.RunLength;)
            {
                foreach (var (name, step) in steps)
                {
                    times[name].Record(await step());
                    await Task.Delay(_breath, context.TimeProvider, cancellationToken);
                }
            }

            foreach (var (name, _) in steps.Where(_ => run > 0))
            {
                medians[name].Add(times[name].Percentile(50) / 1000.0);
            }

            context.Say(FormattableString.Invariant(
                $"{(run == 0 ? "warm-up" : $"run {run}")}: {string.Join(", ", steps.Select(step => $"{step.Name} {times[step.Name].Percentile(50) / 1000.0:0} us"))}"));
        }

        var lessCommit = medians["direct"].Select((direct, run) => direct - Math.Max(0, medians["stored"][run] - medians["call"][run])).ToList();
        return
        [
            new Measurement("turn, p50", Plain, "us", Summary.Of(medians[Plain])),
            new Measurement("turn, p50", "direct", "us", Summary.Of(medians["direct"])),
            new Measurement("turn, p50", "direct less commit", "us", Summary.Of(lessCommit)),
        ];
    }
}
