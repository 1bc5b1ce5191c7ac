namespace Parley.Client.PeerApi;

/// <summary>The place of one connection; stands among its features. Thread-safe.</summary>
public sealed class ConnectionPlace : IDisposable
{
    private readonly ConnectionShares _shares;
    private readonly Lock _lock = new();
    private (bool IsPeer, string Name)? _holder;

    internal ConnectionPlace(ConnectionShares shares, (bool IsPeer, string Name) holder) => (_shares, _holder) = (shares, holder);

    /// <summary>A request on it was proved: from now on it is counted as the peer's, where the peer has a place left.</summary>
    public void ProvedBy(string peer)
    {
        lock (_lock)
        {
            if (_holder is { IsPeer: false } stranger && _shares.TryTake((true, peer)))
            {
                _shares.GiveBack(stranger);
                _holder = (true, peer);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_holder is { } holder)
            {
                _shares.GiveBack(holder);
                _holder = null;
            }
        }
    }
}
