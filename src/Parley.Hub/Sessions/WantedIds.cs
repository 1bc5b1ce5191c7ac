using System.Diagnostics.CodeAnalysis;

namespace Parley.Hub.Sessions;

/// <summary>The ids of which a session is to be handed what the store has, each once, the oldest first. Pure bookkeeping; the mailbox's lock guards it.</summary>
internal sealed class WantedIds
{
    private Queue<string>? _order;
    private HashSet<string>? _ids;
    private HashSet<string>? _missed;

    /// <summary>How many wait. May be read without the lock, as a hint.</summary>
    public int Count => _order?.Count ?? 0;

    /// <summary>Whether somebody is handing over.</summary>
    public bool IsServed { get; set; }

    /// <summary>Adds an id that does not wait already.</summary>
    /// <param name="id">A request's id, or a chat's thread.</param>
    /// <param name="most">How many may wait; beyond that the oldest is forgotten.</param>
    public void Add(string id, int most)
    {
        if (!(_ids ??= []).Add(id))
        {
            return;
        }

        (_order ??= []).Enqueue(id);
        if (_order.Count > most)
        {
            _ids.Remove(_order.Dequeue());
        }
    }

    /// <summary>Notes an id of which another session has something in hand: should that come back, this one is to have it.</summary>
    /// <param name="id">A request's id, or a chat's thread.</param>
    /// <param name="most">How many may be noted; no more than that are.</param>
    public void Miss(string id, int most)
    {
        if ((_missed ??= []).Count < most)
        {
            _missed.Add(id);
        }
    }

    /// <summary>Takes out what was missed.</summary>
    public IReadOnlyCollection<string> TakeMissed()
    {
        var missed = _missed;
        _missed = null;
        return missed ?? [];
    }

    /// <summary>Takes out the oldest. One that is added while it is looked up waits again, since what made it so may have come after the look.</summary>
    public bool TryTake([NotNullWhen(true)] out string? id)
    {
        id = null;
        if (_order is null || !_order.TryDequeue(out id))
        {
            return false;
        }

        _ids!.Remove(id);
        return true;
    }
}
