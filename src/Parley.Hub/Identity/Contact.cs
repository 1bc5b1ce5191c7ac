namespace Parley.Hub.Identity;

/// <summary>An owner's decision on a sender.</summary>
/// <param name="Owner">Who decides: the owner of the receiving agents.</param>
/// <param name="SenderOwner">Whose agents send.</param>
/// <param name="SenderName">Which of them; empty for all.</param>
/// <param name="State">The decision.</param>
/// <param name="CreatedAt">When the sender was first seen, or named.</param>
/// <param name="DecidedAt">When it was decided; null while pending.</param>
internal sealed record Contact(
    string Owner, string SenderOwner, string SenderName, ContactState State, DateTimeOffset CreatedAt, DateTimeOffset? DecidedAt)
{
    /// <summary>The sender as people write it: <c>owner.name</c>, or <c>owner.*</c> for all of an owner's agents.</summary>
    public string Sender => $"{SenderOwner}.{(SenderName.Length == 0 ? "*" : SenderName)}";
}

/// <summary>A decision that changed what is accepted, told after it is in the store.</summary>
/// <param name="Owner">Who decided.</param>
/// <param name="SenderOwner">About whose agents.</param>
/// <param name="SenderName">About which of them; empty for all.</param>
/// <param name="State">The decision.</param>
/// <param name="IsFromElsewhere">Whether another node decided it.</param>
internal readonly record struct ContactChange(string Owner, string SenderOwner, string SenderName, ContactState State, bool IsFromElsewhere = false);
