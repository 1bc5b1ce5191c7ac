using Parley.Client.Transfer.Wire;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Where an entry stands at the receiver.</summary>
internal enum EntryStatus
{
    /// <summary>Not here yet.</summary>
    Pending,

    /// <summary>Here, verified, under its name.</summary>
    Done,

    /// <summary>Was here before, or is not wanted.</summary>
    Unchanged,

    /// <summary>Given up.</summary>
    Failed,
}

/// <summary>What is decided and known of an entry at the receiver.</summary>
internal struct EntryState
{
    /// <summary>What the sender is asked for.</summary>
    public EntryAction Action;

    /// <summary>Where it stands.</summary>
    public EntryStatus Status;

    /// <summary>It takes the place of what has its name.</summary>
    public bool Replaces;
}
