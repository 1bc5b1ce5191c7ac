using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>How long it takes until every agent is back after the server died.</summary>
internal sealed class ReconnectScenario : IScenario
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public string Name => "reconnect";

    /// <inheritdoc/>
    public string Explanation => "All agents attached; the server is killed and started again; time from the kill, and from ready, until all are attached again.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rows = new List<Measurement>();
        var (clock, wanted) = (context.TimeProvider, context.Options.Agents);
        await using var peers = await context.StartPeersAsync<IResumingPeer>(isSecured: false, cancellationToken);
        foreach (var peer in peers)
        {
            var agents = await IdleScenario.ConnectAsync(peer, wanted, cancellationToken);
            try
            {
                var killed = clock.GetTimestamp();
                await peer.RestartAsync(cancellationToken);
                var ready = clock.GetTimestamp();
                while (peer.AttachedCount < wanted)
                {
                    if (clock.GetElapsedTime(ready) > _patience)
                    {
                        throw new TimeoutException($"{peer.Name}: only {peer.AttachedCount} of {wanted} agents came back.");
                    }

                    await Task.Delay(_poll, clock, cancellationToken);
                }

                rows.Add(new Measurement($"reconnect {wanted} agents, since the kill", peer.Name, "s", Summary.Of([clock.GetElapsedTime(killed).TotalSeconds])));
                rows.Add(new Measurement($"reconnect {wanted} agents, since ready", peer.Name, "s", Summary.Of([clock.GetElapsedTime(ready).TotalSeconds])));
            }
            finally
            {
                await Task.WhenAll(agents.Select(agent => agent.DisposeAsync().AsTask()));
            }
        }

        return rows;
    }
}
