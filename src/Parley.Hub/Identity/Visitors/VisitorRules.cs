using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Hub.Identity.Visitors;

/// <summary>What a visitor may do: meet the agent that invited it, its host, until its time is over. Everything else is closed to it. Pure; every door asks here.</summary>
internal static class VisitorRules
{
    /// <summary>The one role in which a visitor attaches: it receives no messages.</summary>
    public const SessionRole LinkRole = SessionRole.Caller;

    /// <summary>Whether a frame is among those that a visitor's link may carry to the hub; bodies that nobody knows are skipped, as on every link.</summary>
    public static bool MaySend(Frame.BodyOneofCase frame) => frame is
        Frame.BodyOneofCase.Signal or Frame.BodyOneofCase.CircuitRequest or
        Frame.BodyOneofCase.Ping or Frame.BodyOneofCase.Pong or Frame.BodyOneofCase.Goodbye or Frame.BodyOneofCase.None;

    /// <summary>Whether two may signal to each other, as far as one of them is a visitor: it meets its host alone. Null is a caller that is no agent.</summary>
    public static bool MayMeet(Agent? one, Agent? other) => (one?.Visit, other?.Visit) switch
    {
        (null, null) => true,
        ({ } visit, null) => visit.HostId == other?.Id,
        (null, { } visit) => visit.HostId == one?.Id,
        _ => false,
    };

    /// <summary>Whether messages pass between two, as far as one of them is a visitor: none do. Null is a caller that is no agent.</summary>
    public static bool MayWrite(Agent? one, Agent? other) => one?.Visit is null && other?.Visit is null;

    /// <summary>Whether an agent is over: a visitor whose time has come, or whose host is gone.</summary>
    /// <param name="agent">Any agent.</param>
    /// <param name="isHostHere">Whether its host is still enrolled.</param>
    /// <param name="now">The time.</param>
    public static bool IsOver(Agent agent, bool isHostHere, DateTimeOffset now) => agent.Visit is { } visit && (!isHostHere || visit.EndsAt <= now);

    /// <summary>Refuses a link of a visitor in any role but one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>.</exception>
    public static void CheckRole(SessionRole role)
    {
        if (role != LinkRole)
        {
            throw Closed();
        }
    }

    /// <summary>Refuses a frame that is closed to visitors.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PermissionDenied"/>.</exception>
    public static void CheckFrame(Frame.BodyOneofCase frame)
    {
        if (!MaySend(frame))
        {
            throw Closed();
        }
    }

    /// <summary>The one answer at a door that is closed to visitors.</summary>
    public static ParleyException Closed() => new(ErrorCode.PermissionDenied, "A visitor may meet the agent that invited it, and nothing else.");
}
