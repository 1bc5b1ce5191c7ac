using Parley.Hub.Connections.Webhooks;

namespace Parley.Hub.Connections.Outbox;

/// <summary>What memory knows of the deliveries to one connection: which are under way, and when to look again. Pure; the dispatcher locks it.</summary>
internal sealed class EndpointQueue
{
    private readonly HashSet<long> _inHand = [];
    private readonly Queue<long> _ready = new();

    /// <summary>Spares an endpoint that does not answer.</summary>
    public EndpointBreaker Breaker { get; } = new();

    /// <summary>Something came since the store was read.</summary>
    public bool HasNews { get; set; } = true;

    /// <summary>The store may have rows that are due and that nobody took from there; never when nothing is in hand.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Somebody looks into the store for it.</summary>
    public bool IsReading { get; set; }

    /// <summary>Wakes it when something is due.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Deliveries under way.</summary>
    public int UnderWay => _inHand.Count - _ready.Count;

    /// <summary>How many rows to ask the store for, so that new ones are among them.</summary>
    public int Reach(int batch) => batch + _inHand.Count;

    /// <summary>Takes rows that are due; those in hand already are left out.</summary>
    /// <param name="rows">What the store gave.</param>
    /// <param name="isAll">Whether it has no more of them.</param>
    public void Add(IEnumerable<long> rows, bool isAll)
    {
        HasMore = !isAll;
        foreach (var row in rows)
        {
            if (_inHand.Add(row))
            {
                _ready.Enqueue(row);
            }
            else
            {
                // It may be replayed by the time that it is done.
                HasMore = true;
            }
        }
    }

    /// <summary>Takes a row that is to be sent at once, when nothing waits that would come before it, and there is room.</summary>
    public bool TryTakeNew(long row, int most, DateTimeOffset now) =>
        !HasNews && !IsReading && !HasMore && _ready.Count == 0 && UnderWay < Breaker.Room(most, now) && _inHand.Add(row);

    /// <summary>The next row to send, when there is room for it.</summary>
    public bool TryTake(int most, DateTimeOffset now, out long row)
    {
        row = 0;
        return UnderWay < Breaker.Room(most, now) && _ready.TryDequeue(out row);
    }

    /// <summary>Whether rows wait here for room.</summary>
    public bool HasReady => _ready.Count > 0;

    /// <summary>Lets go of rows that were not sent. The store is asked for them again: the connection may have been resumed by the time that they go.</summary>
    public void DropReady()
    {
        HasNews |= HasReady;
        while (_ready.TryDequeue(out var row))
        {
            _inHand.Remove(row);
        }
    }

    /// <summary>An attempt has ended.</summary>
    /// <param name="row">Of which row.</param>
    /// <param name="isLast">Whether nothing follows from its end: it is not tried again, and no other waited for it.</param>
    public void Done(long row, bool isLast)
    {
        _inHand.Remove(row);
        HasNews |= HasMore || !isLast;
    }
}
