namespace Parley.Hub.Messaging;

/// <summary>What memory keeps of one agent, both found with one look.</summary>
/// <param name="Mailbox">What it has not acknowledged.</param>
/// <param name="Outgoing">What it sent.</param>
internal sealed record Desk(Mailbox Mailbox, Outgoing Outgoing);

/// <summary>The desks that one link used last. Most links write to few agents, and their addresses come as the same string each time.</summary>
/// <remarks>Used by one thread at a time. A renamed agent makes all of it void.</remarks>
internal sealed class RecentDesks
{
    private const int Slots = 8;

    private (string Address, Desk Desk)[]? _slots;
    private int _version;

    /// <summary>The desk of an address, when it was used lately.</summary>
    /// <param name="address">The canonical address.</param>
    /// <param name="version">Counts the changes of names.</param>
    public Desk? Find(string address, int version)
    {
        if (_slots is null || _version != version)
        {
            return null;
        }

        ref var slot = ref _slots[SlotOf(address)];
        return ReferenceEquals(slot.Address, address) || slot.Address == address ? slot.Desk : null;
    }

    /// <summary>Remembers a desk that was looked up while names stood at this version.</summary>
    public void Add(string address, int version, Desk desk)
    {
        if (_slots is null || _version != version)
        {
            (_slots, _version) = (new (string Address, Desk Desk)[Slots], version);
        }

        _slots[SlotOf(address)] = (address, desk);
    }

    /// <summary>Names that people give in rows differ at their ends.</summary>
    private static int SlotOf(string address) => address.Length == 0 ? 0 : address[^1] & (Slots - 1);
}
