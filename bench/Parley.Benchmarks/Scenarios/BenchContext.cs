using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>What every scenario needs: the options, the clock, where to tell progress, and the peers.</summary>
internal sealed class BenchContext(BenchOptions options, TimeProvider timeProvider, TextWriter progress)
{
    /// <summary>What was asked for.</summary>
    public BenchOptions Options => options;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider => timeProvider;

    /// <summary>One line for the person who waits.</summary>
    public void Say(string line) => progress.WriteLine(line);

    /// <summary>Makes one peer, not started.</summary>
    /// <exception cref="FormatException">No peer has that name.</exception>
    public IRequestReplyPeer CreatePeer(string name, bool isSecured) => name switch
    {
        "nats" => new NatsPeer(isSecured, timeProvider),
        "redis" => new RedisPeer(isSecured, timeProvider),
        _ when ParleySetup.Find(name) is { } setup => new ParleyPeer(options.ParleyProgram, setup, isSecured, timeProvider),
        _ => throw new FormatException($"There is no peer called {name}: nats, redis, {ParleySetup.Names}."),
    };

    /// <summary>Starts every peer of a kind that was asked for and is there; says which are left out and why.</summary>
    public async Task<PeerSet<TPeer>> StartPeersAsync<TPeer>(bool isSecured, CancellationToken cancellationToken)
        where TPeer : class, IRequestReplyPeer
    {
        var started = new PeerSet<TPeer>();
        try
        {
            foreach (var name in options.Peers)
            {
                var peer = CreatePeer(name, isSecured);
                if (peer is TPeer suited && peer.Unavailable is null)
                {
                    started.Add(suited);
                    await peer.StartAsync(cancellationToken);
                    continue;
                }

                Say($"skipped {name}: {peer.Unavailable ?? "it has nothing to compare here"}");
                await peer.DisposeAsync();
            }

            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }
}
