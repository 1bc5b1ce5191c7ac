namespace Parley.Protocol.Management;

/// <summary>An owner's decision on a sender.</summary>
/// <param name="Owner">Who decides.</param>
/// <param name="Sender"><c>owner.name</c>, or <c>owner.*</c> for all agents of an owner.</param>
/// <param name="State"><c>pending</c>, <c>accepted</c> or <c>blocked</c>.</param>
/// <param name="CreatedAt">When the sender was first seen or named.</param>
/// <param name="DecidedAt">When it was decided; null while pending.</param>
public sealed record ContactView(string Owner, string Sender, string State, DateTimeOffset CreatedAt, DateTimeOffset? DecidedAt);
