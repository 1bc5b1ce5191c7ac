using Parley.Client.HubLink;
using Parley.Client.Load;
using Parley.Protocol.Wire;

namespace Parley.Benchmarks.Peers;

/// <summary>A listening link that acknowledges and counts what comes, and tells when it is attached.</summary>
internal sealed class ParleyWatcher : ILinkEvents, IAsyncDisposable
{
    private readonly HubLink _link;
    private readonly Action? _onMessage;
    private readonly Action<int> _onChange;
    private int _isAttached;

    private ParleyWatcher(LoadAgent home, Action? onMessage, Action<int> onChange, TimeProvider timeProvider)
    {
        (_onMessage, _onChange) = (onMessage, onChange);
        _link = LoadLink.Make(home, SessionRole.Listen, this, timeProvider);
    }

    /// <summary>Attaches.</summary>
    /// <param name="home">Who.</param>
    /// <param name="onMessage">Called for each message.</param>
    /// <param name="onChange">Called with 1 when it attached and with -1 when it is not attached any more.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Ends the wait for the link.</param>
    public static async Task<ParleyWatcher> ConnectAsync(
        LoadAgent home, Action? onMessage, Action<int> onChange, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var watcher = new ParleyWatcher(home, onMessage, onChange, timeProvider);
        await LoadLink.OpenAsync(watcher._link, cancellationToken);
        return watcher;
    }

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        _link.Acknowledge(incoming);
        _onMessage?.Invoke();
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
    }

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome)
    {
        if (Interlocked.Exchange(ref _isAttached, 1) == 0)
        {
            _onChange(1);
        }
    }

    /// <inheritdoc/>
    public void OnDisconnected(string reason) => Detach();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        Detach();
    }

    private void Detach()
    {
        if (Interlocked.Exchange(ref _isAttached, 0) == 1)
        {
            _onChange(-1);
        }
    }
}
