using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>What the handshake settled about a session.</summary>
/// <param name="Id">The session's id, unique on this hub.</param>
/// <param name="Agent">Who attached.</param>
/// <param name="Role">What for.</param>
/// <param name="Epoch">Grows with every attachment of this agent in this role, also across restarts; 0 for roles that never replace one another.</param>
/// <param name="IsShared">Whether it shares the work with other listeners instead of replacing them.</param>
/// <param name="Home">Random bytes of the client's process and role: the same process that comes back replaces itself.</param>
/// <param name="Software">What the client calls itself, for status pages.</param>
internal sealed record SessionTicket(
    string Id, AgentAddress Agent, SessionRole Role, ulong Epoch, bool IsShared, ReadOnlyMemory<byte> Home, string Software)
{
    /// <summary>What the client said that it can take or do beyond messages.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Whether the agent is a visitor, for whom most doors are closed.</summary>
    public bool IsVisitor { get; init; }
}
