using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Scenarios;

/// <summary>The two connections of a pair.</summary>
internal sealed class RoomPair : IDisposable
{
    private readonly HttpConnection _sender;
    private readonly HttpConnection _receiver;

    private RoomPair(HttpConnection sender, HttpConnection receiver, RoomRequests requests) => (_sender, _receiver, Requests) = (sender, receiver, requests);

    /// <summary>What goes over them.</summary>
    public RoomRequests Requests { get; }

    /// <summary>Connects.</summary>
    public static async Task<RoomPair> ConnectAsync(IRoomPeer peer, int number, CancellationToken cancellationToken)
    {
        var requests = await peer.PairAsync(number, cancellationToken);
        var sender = await HttpConnection.ConnectAsync(peer.Port, cancellationToken);
        return new RoomPair(sender, await HttpConnection.ConnectAsync(peer.Port, cancellationToken), requests);
    }

    /// <summary>One after the other; timed together.</summary>
    public async ValueTask<(long Started, long Finished)> SayThenWaitAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        await _sender.AskAsync(Requests.Send, cancellationToken);
        await _receiver.AskAsync(Requests.Wait, cancellationToken);
        return (started, timeProvider.GetTimestamp());
    }

    /// <summary>The wait first; timed from the send to the wait's answer.</summary>
    public async ValueTask<(long Started, long Finished)> SayToWaitingAsync(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await _receiver.SendAsync(Requests.Wait, cancellationToken);
        var receiving = _receiver.ReceiveAsync(cancellationToken);
        var started = timeProvider.GetTimestamp();
        await _sender.SendAsync(Requests.Send, cancellationToken);
        await receiving;
        var finished = timeProvider.GetTimestamp();
        await _sender.ReceiveAsync(cancellationToken);
        return (started, finished);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }
}
