namespace Parley.Hub.Rooms.Limits;

/// <summary>Counts what all rooms of a hub hold and do, for limits and metrics. Numbers only.</summary>
/// <param name="maxBytes">Bytes of messages and files that may be held.</param>
internal sealed class RoomMeter(long maxBytes)
{
    private long _bytes;
    private long _items;
    private long _waits;
    private long _openWaits;
    private long _sends;
    private long _loops;
    private long _rateHits;

    /// <summary>Bytes held now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Messages and notices that are unread.</summary>
    public long Items => Interlocked.Read(ref _items);

    /// <summary>Waits that are parked.</summary>
    public long OpenWaits => Interlocked.Read(ref _openWaits);

    /// <summary>Waits so far.</summary>
    public long Waits => Interlocked.Read(ref _waits);

    /// <summary>Messages taken so far.</summary>
    public long Sends => Interlocked.Read(ref _sends);

    /// <summary>Loops found so far.</summary>
    public long Loops => Interlocked.Read(ref _loops);

    /// <summary>Calls that were refused or slowed for their rate.</summary>
    public long RateHits => Interlocked.Read(ref _rateHits);

    /// <summary>Reserves memory.</summary>
    /// <returns>False when the hub's rooms are full.</returns>
    public bool TryHold(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= maxBytes)
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>Counts memory that is taken whatever the limit: the hub's own notices.</summary>
    public void Hold(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Gives memory back.</summary>
    public void Free(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    /// <summary>An item came or went.</summary>
    public void CountItems(int change) => Interlocked.Add(ref _items, change);

    /// <summary>A wait began.</summary>
    public void CountWait() => Interlocked.Increment(ref _waits);

    /// <summary>A wait was parked, or ended.</summary>
    public void CountOpenWaits(int change) => Interlocked.Add(ref _openWaits, change);

    /// <summary>A message was taken.</summary>
    public void CountSend() => Interlocked.Increment(ref _sends);

    /// <summary>A loop was found.</summary>
    public void CountLoop() => Interlocked.Increment(ref _loops);

    /// <summary>A call was refused or slowed.</summary>
    public void CountRateHit() => Interlocked.Increment(ref _rateHits);
}
