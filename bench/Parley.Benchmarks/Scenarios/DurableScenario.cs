using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How fast messages for an absent agent are stored, and how fast they leave when it comes.</summary>
internal sealed class DurableScenario : IScenario
{
    private const int Window = 64;
    private const int PayloadBytes = 128;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public string Name => "durable";

    /// <inheritdoc/>
    public string Explanation => $"One sender, {Window} sends under way, {PayloadBytes} bytes, to an agent that is away: stored and acknowledged a second. Then the agent attaches: messages a second until the last.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var peers = await context.StartPeersAsync<IDurablePeer>(isSecured: false, cancellationToken);
        var rates = peers.ToDictionary(peer => peer.Name, _ => new List<(double Stored, double Drained)>());
        for (var run = 0; run < context.Options.Runs; run++)
        {
            foreach (var peer in peers)
            {
                var absent = $"bench-absent-{run}";
                await peer.CreateAbsentAsync(absent, cancellationToken);
                var stored = await StoreAsync(peer, absent, context, cancellationToken);
                var drained = await DrainAsync(peer, absent, context, cancellationToken);
                rates[peer.Name].Add((stored, drained));
                context.Say(FormattableString.Invariant($"run {run + 1} {peer.Name}: stored {stored:#,0}/s, drained {drained:#,0}/s"));
            }
        }

        return
        [
            .. peers.Select(peer => new Measurement("durable, stored", peer.Name, "msg/s", Summary.Of([.. rates[peer.Name].Select(rate => rate.Stored)]))),
            .. peers.Select(peer => new Measurement("durable, drained", peer.Name, "msg/s", Summary.Of([.. rates[peer.Name].Select(rate => rate.Drained)]))),
        ];
    }

    private static async Task<double> StoreAsync(IDurablePeer peer, string absent, BenchContext context, CancellationToken cancellationToken)
    {
        await using var sender = await peer.ConnectSenderAsync("bench-sender", cancellationToken);
        var left = context.Options.Messages;
        var begun = context.TimeProvider.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Window).Select(_ => Task.Run(SendAsync, cancellationToken)));
        return context.Options.Messages / context.TimeProvider.GetElapsedTime(begun).TotalSeconds;

        async Task SendAsync()
        {
            var payload = new byte[PayloadBytes];
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await sender.RequestAsync(absent, payload, cancellationToken);
            }
        }
    }

    private static async Task<double> DrainAsync(IDurablePeer peer, string absent, BenchContext context, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = context.Options.Messages;
        var begun = context.TimeProvider.GetTimestamp();
        await using var receiver = await peer.ConnectReceiverAsync(absent, OnMessage, cancellationToken);
        await done.Task.WaitAsync(_patience, context.TimeProvider, cancellationToken);
        return context.Options.Messages / context.TimeProvider.GetElapsedTime(begun).TotalSeconds;

        void OnMessage()
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                done.TrySetResult();
            }
        }
    }
}
