using Parley.Hub.Rooms;

namespace Parley.Hub.Transports.Link;

/// <summary>A room call that is not answered yet, or whose event the client has not acknowledged.</summary>
/// <param name="textBytes">What its text holds in memory.</param>
internal sealed class RoomCallUnderWay(int textBytes) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _acknowledged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RoomDelivery? _delivery;

    /// <summary>What its text holds in memory.</summary>
    public int TextBytes => textBytes;

    /// <summary>Cancelled when the client gave up, or its link ended.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Waits until the client has what is about to be sent; what it does not acknowledge in time is not confirmed.</summary>
    /// <param name="delivery">What is sent.</param>
    /// <param name="send">Sends it.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="time">Clock.</param>
    public async Task HandOverAsync(RoomDelivery delivery, Action send, TimeSpan limit, TimeProvider time)
    {
        Volatile.Write(ref _delivery, delivery);
        send();
        try
        {
            await _acknowledged.Task.WaitAsync(limit, time, Ended);
        }
        catch (TimeoutException)
        {
            // The next wait gets it.
        }
    }

    /// <summary>The client has it. Confirmed here and now, so that a link that ends right after does not bring it back.</summary>
    public void Acknowledge()
    {
        if (Volatile.Read(ref _delivery) is { } delivery)
        {
            delivery.Confirm();
            _acknowledged.TrySetResult();
        }
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Cancel()
    {
        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came to its end at the same moment.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();
}
