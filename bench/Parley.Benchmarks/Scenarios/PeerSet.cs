using System.Collections;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>Peers that run side by side and are stopped together.</summary>
internal sealed class PeerSet<TPeer> : IReadOnlyCollection<TPeer>, IAsyncDisposable
    where TPeer : class, IRequestReplyPeer
{
    private readonly List<TPeer> _peers = [];

    /// <inheritdoc/>
    public int Count => _peers.Count;

    /// <summary>Takes a peer in.</summary>
    public void Add(TPeer peer) => _peers.Add(peer);

    /// <inheritdoc/>
    public IEnumerator<TPeer> GetEnumerator() => _peers.GetEnumerator();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers)
        {
            await peer.DisposeAsync();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
