using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>What a client proved in the handshake and asks for.</summary>
/// <param name="Agent">Who it is.</param>
/// <param name="Role">What for.</param>
/// <param name="IsShared">Whether it shares the work with other listeners.</param>
/// <param name="Home">Random bytes of the client's process and role.</param>
/// <param name="Software">What the client calls itself.</param>
internal sealed record SessionClaim(AgentAddress Agent, SessionRole Role, bool IsShared, ReadOnlyMemory<byte> Home, string Software)
{
    /// <summary>What the client said that it can take or do beyond messages.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Asked when the session is attached: why the proof is good no more, since the agent may have been removed after it; null while it is good.</summary>
    public Func<ParleyException?> FindRefusal { get; init; } = () => null;

    /// <summary>Whether the agent is a visitor, for whom most doors are closed.</summary>
    public bool IsVisitor { get; init; }
}
