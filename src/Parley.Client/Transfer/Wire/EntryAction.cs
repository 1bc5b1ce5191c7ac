namespace Parley.Client.Transfer.Wire;

/// <summary>What the receiver wants of an entry.</summary>
internal enum EntryAction
{
    /// <summary>All of it.</summary>
    Take = 0,

    /// <summary>Nothing.</summary>
    Skip = 1,

    /// <summary>The chunks after those that it has, whose hashes follow.</summary>
    Resume = 2,

    /// <summary>What differs from its own copy; the hashes of that follow when the sender comes to it, or before.</summary>
    Compare = 3,
}
