using Parley.Protocol.Errors;

namespace Parley.Hub.Identity;

/// <summary>Who may know of an agent: find it in lists and catalogs, read its card, and call it through the hub's doors. The numbers are stored.</summary>
/// <remarks>It does not decide whose messages an agent takes: contacts do. Admins see every agent, and every agent sees itself.</remarks>
internal enum AgentVisibility
{
    /// <summary>Nobody but admins and the agent itself.</summary>
    Private = 0,

    /// <summary>Its owner's agents and keys, and those of owners who accepted it. What an agent is unless somebody chose otherwise.</summary>
    Owner = 1,

    /// <summary>Every agent and every key of this hub.</summary>
    Hub = 2,

    /// <summary>Everybody; the card is there without a key. A call still needs one.</summary>
    Public = 3,
}

/// <summary>Visibilities as text.</summary>
internal static class AgentVisibilityText
{
    /// <summary>The word of a visibility.</summary>
    public static string ToText(this AgentVisibility visibility) => visibility switch
    {
        AgentVisibility.Private => "private",
        AgentVisibility.Hub => "hub",
        AgentVisibility.Public => "public",
        _ => "owner",
    };

    /// <summary>Reads a word.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static AgentVisibility Parse(string text) => text switch
    {
        "private" => AgentVisibility.Private,
        "owner" => AgentVisibility.Owner,
        "hub" => AgentVisibility.Hub,
        "public" => AgentVisibility.Public,
        _ => throw new ParleyException(ErrorCode.InvalidArgument, "A visibility is private, owner, hub or public.") { Field = "visibility" },
    };
}
