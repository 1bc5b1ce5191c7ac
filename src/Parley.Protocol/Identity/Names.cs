using System.Collections.Frozen;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>The one rule for names of agents and owners: <c>[a-z0-9][a-z0-9-]{0,62}</c>, and the names that the hub keeps for itself.</summary>
public static class Names
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>First path segments of the hub's routes and words with a meaning of their own; refused at enrolment.</summary>
    public static FrozenSet<string> Reserved { get; } = new[]
    {
        "api", "a2a", "agents", "v1", "health", "ready", "metrics", "register", "setup", "create", "listen", "join", "send", "wait", "leave",
        "ping", "room-rule", "register-and-join", "admin", "console", "p2p", "mcp", "hooks", "openapi", "file", "tasks", "agent", "me", "hub", "all",
    }.ToFrozenSet();

    /// <summary>Whether the text follows the rule; reserved names do.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength || text[0] == '-')
        {
            return false;
        }

        foreach (var character in text)
        {
            if (character is not (>= 'a' and <= 'z' or >= '0' and <= '9' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Refuses a name that breaks the rule or is reserved.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NameInvalid"/>, <see cref="ErrorCode.NameReserved"/>.</exception>
    public static string CheckNew(string name)
    {
        if (!IsValid(name))
        {
            throw new ParleyException(ErrorCode.NameInvalid, "A name is 1 to 63 of a-z, 0-9 and '-', and does not start with '-'.");
        }

        if (Reserved.Contains(name))
        {
            throw new ParleyException(ErrorCode.NameReserved, $"The name '{name}' is kept for the hub itself.");
        }

        return name;
    }
}
