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

    /// <summary>Somebody looks into the store for it.</summary>
    public bool IsReading { get; set; }

    /// <summary>Wakes it when something is due.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Deliveries under way.</summary>
    public int UnderWay => _inHand.Count - _ready.Count;

    /// <summary>How many rows to ask the store for, so that new ones are among them.</summary>
    public int Reach(int batch) => batch + _inHand.Count;

    /// <summary>Takes rows that are due; those in hand already are left out.</summary>
    public void Add(IEnumerable<long> rows)
    {
        foreach (var row in rows)
        {
            if (_inHand.Add(row))
            {
                _ready.Enqueue(row);
            }
        }
    }

    /// <summary>The next row to send, when there is room for it.</summary>
    public bool TryTake(int most, DateTimeOffset now, out long row)
    {
        row = 0;
        return UnderWay < Breaker.Room(most, now) && _ready.TryDequeue(out row);
    }

    /// <summary>Whether rows wait here for room.</summary>
    public bool HasReady => _ready.Count > 0;

    /// <summary>Lets go of rows that were not sent.</summary>
    public void DropReady()
    {
        while (_ready.TryDequeue(out var row))
        {
            _inHand.Remove(row);
        }
    }

    /// <summary>An attempt has ended.</summary>
    public void Done(long row) => _inHand.Remove(row);
}
