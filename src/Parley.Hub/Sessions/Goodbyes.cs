using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>The reasons for which a hub ends a session, as the last frame says them.</summary>
internal static class Goodbyes
{
    /// <summary>Another session took the place.</summary>
    public static Goodbye Replaced() => Of(ErrorCode.LinkReplaced, "A newer session of this agent took this one's place.", mayReturn: false);

    /// <summary>The agent or its key is no longer good.</summary>
    public static Goodbye Revoked() => Refused(RevokedRefusal());

    /// <summary>The agent has another name, which the next welcome tells.</summary>
    public static Goodbye Renamed() => Refused(RenamedRefusal());

    /// <summary>Silence for longer than two and a half heartbeats.</summary>
    public static Goodbye Silent() => Of(ErrorCode.LinkTimeout, "The link was silent for too long.", mayReturn: true);

    /// <summary>The node shuts down.</summary>
    public static Goodbye Draining() => Refused(DrainingRefusal());

    /// <summary>The same as <see cref="Revoked"/>, for a link that has no session yet.</summary>
    public static ParleyException RevokedRefusal() => new(ErrorCode.AgentRevoked, "This agent was revoked.");

    /// <summary>The same as <see cref="Renamed"/>, for a link that has no session yet.</summary>
    public static ParleyException RenamedRefusal() => new(ErrorCode.Draining, "This agent was renamed; its link comes back under the new name.");

    /// <summary>The same as <see cref="Draining"/>, for a link that has no session yet.</summary>
    public static ParleyException DrainingRefusal() => new(ErrorCode.Draining, "This node shuts down.");

    /// <summary>A refusal with the code and the message of an exception.</summary>
    public static Goodbye Refused(ParleyException exception) =>
        Of(exception.Code, exception.Message, mayReturn: IsPassing(exception.Code));

    /// <summary>Refusals that another dial may not meet again; a slow network's handshake is one of them.</summary>
    private static bool IsPassing(ErrorCode code) =>
        code is ErrorCode.Unavailable or ErrorCode.Draining or ErrorCode.Internal or ErrorCode.RateLimited or ErrorCode.LinkTimeout;

    private static Goodbye Of(ErrorCode code, string message, bool mayReturn) =>
        new() { Code = ErrorMap.Of(code).WireName, Message = message, MayReturn = mayReturn };
}
