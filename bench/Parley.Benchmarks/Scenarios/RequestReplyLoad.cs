using Parley.Client.Load;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Pairs of agents, each with a number of requests under way at any time; what is answered inside the measured time counts.</summary>
/// <param name="Pairs">Requester and responder connections, one each per pair.</param>
/// <param name="Window">Requests of a pair that are under way together.</param>
/// <param name="PayloadBytes">Size of a request and of its reply.</param>
internal sealed record RequestReplyLoad(int Pairs, int Window, int PayloadBytes)
{
    /// <summary>Longest time a run may go on after its end: a lost message is a failure, not a hang.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    /// <summary>Connects, warms up, measures, disconnects.</summary>
    public async Task<LoadResult> RunAsync(IRequestReplyPeer peer, TimeSpan warmUp, TimeSpan length, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var agents = new List<IAsyncDisposable>();
        try
        {
            var requesters = new List<IRequester>();
            for (var i = 0; i < Pairs; i++)
            {
                agents.Add(await peer.ConnectResponderAsync($"bench-answer-{i}", cancellationToken));
                requesters.Add(await peer.ConnectRequesterAsync($"bench-ask-{i}", cancellationToken));
                agents.Add(requesters[i]);
            }

            var begin = timeProvider.GetTimestamp() + Ticks(warmUp, timeProvider);
            var loop = new RequestLoop(PayloadBytes, begin, begin + Ticks(length, timeProvider));
            var processorTime = ProcessorTimeAsync(peer, warmUp, length, timeProvider, cancellationToken);
            var loops = requesters.SelectMany((requester, pair) => Enumerable.Range(0, Window)
                .Select(_ => Task.Run(() => loop.RunAsync(requester, $"bench-answer-{pair}", timeProvider, cancellationToken), cancellationToken)));
            var results = await Task.WhenAll(loops).WaitAsync(warmUp + length + _patience, timeProvider, cancellationToken);
            var merged = new Histogram();
            foreach (var result in results)
            {
                merged.Add(result);
            }

            var (server, clients) = await processorTime;
            return new LoadResult(merged, length, server, clients);
        }
        finally
        {
            foreach (var agent in agents)
            {
                await agent.DisposeAsync();
            }
        }
    }

    private static long Ticks(TimeSpan span, TimeProvider timeProvider) => (long)(span.TotalSeconds * timeProvider.TimestampFrequency);

    private static async Task<(TimeSpan Server, TimeSpan Clients)> ProcessorTimeAsync(
        IRequestReplyPeer peer, TimeSpan warmUp, TimeSpan length, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await Task.Delay(warmUp, timeProvider, cancellationToken);
        var (server, clients) = (ProcessUsage.ProcessorTime(peer.ProcessId), ProcessUsage.ProcessorTime(Environment.ProcessId));
        await Task.Delay(length, timeProvider, cancellationToken);
        return (ProcessUsage.ProcessorTime(peer.ProcessId) - server, ProcessUsage.ProcessorTime(Environment.ProcessId) - clients);
    }
}
