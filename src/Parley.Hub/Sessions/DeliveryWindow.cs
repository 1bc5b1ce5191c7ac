using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>The envelopes that one session was given and has not acknowledged. Pure bookkeeping; the mailbox's lock guards it.</summary>
internal sealed class DeliveryWindow
{
    private const int LargeTable = 512;

    private Dictionary<ulong, Unacknowledged>? _open;
    private ulong _last;

    /// <summary>How many are open.</summary>
    public int Count => _open?.Count ?? 0;

    /// <summary>Bytes of the open bodies.</summary>
    public long Bytes { get; private set; }

    /// <summary>Opens one and gives its number, from 1.</summary>
    /// <param name="envelope">What is delivered.</param>
    /// <param name="row">The row of the store that holds it, 0 for none.</param>
    public ulong Add(Envelope envelope, long row)
    {
        _open ??= [];
        _open.Add(++_last, new Unacknowledged(envelope, row));
        Bytes += envelope.Body.Length;
        return _last;
    }

    /// <summary>Closes one; false for a number that is not open, an acknowledgement sent twice for example.</summary>
    public bool TryTake(ulong number, out Unacknowledged taken)
    {
        taken = default;
        if (_open is null || !_open.Remove(number, out taken))
        {
            return false;
        }

        Bytes -= taken.Envelope.Body.Length;
        if (_open.Count == 0 && _open.Capacity > LargeTable)
        {
            // An idle session must not keep the table of its busiest moment.
            _open = null;
        }

        return true;
    }

    /// <summary>Closes those that the store holds, and leaves the others open.</summary>
    public IReadOnlyList<Unacknowledged> TakeStored()
    {
        var stored = _open?.Where(entry => entry.Value.Row > 0).ToList() ?? [];
        foreach (var (number, _) in stored)
        {
            TryTake(number, out _);
        }

        return stored.ConvertAll(entry => entry.Value);
    }

    /// <summary>Closes all, oldest first.</summary>
    public IReadOnlyList<Unacknowledged> TakeAll()
    {
        var all = _open is null ? [] : _open.OrderBy(entry => entry.Key).Select(entry => entry.Value).ToList();
        _open = null;
        Bytes = 0;
        return all;
    }
}

/// <summary>An envelope that a session was given.</summary>
/// <param name="Envelope">The envelope with its body.</param>
/// <param name="Row">The row of the store that holds it, 0 when only memory does.</param>
internal readonly record struct Unacknowledged(Envelope Envelope, long Row);
