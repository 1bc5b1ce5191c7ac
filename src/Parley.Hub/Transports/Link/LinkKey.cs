using Parley.Protocol.Identity;

namespace Parley.Hub.Transports.Link;

/// <summary>What the handshake of a link asks about an agent.</summary>
/// <param name="Id">Its row: another agent may have its name later.</param>
/// <param name="Current">The address that it has now: a home that was renamed says the old one until it has heard of it.</param>
/// <param name="Key">Its identity key.</param>
/// <param name="IsVisitor">Whether it is a person's page, which may do little.</param>
internal readonly record struct LinkKey(long Id, AgentAddress Current, ReadOnlyMemory<byte> Key, bool IsVisitor);
