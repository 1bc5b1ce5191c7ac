using Parley.Protocol.Errors;

namespace Parley.Hub.Identity;

/// <summary>What an API key is good for (DECISIONS 5).</summary>
[Flags]
internal enum ApiScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Send messages to the owner's agents and read their answers.</summary>
    Messages = 1,

    /// <summary>See agents.</summary>
    AgentsRead = 2,

    /// <summary>Configure connections.</summary>
    Connections = 4,

    /// <summary>Emit and read events.</summary>
    Events = 8,

    /// <summary>Read and write shared state.</summary>
    State = 16,

    /// <summary>Everything, as an admin.</summary>
    Admin = 32,

    /// <summary>What a key gets when nobody says.</summary>
    Default = Messages | AgentsRead,

    /// <summary>All of them; what a proven agent has, short of <see cref="Admin"/>.</summary>
    AllButAdmin = Messages | AgentsRead | Connections | Events | State,
}

/// <summary>The scopes as text.</summary>
internal static class ApiScopesText
{
    private static readonly (ApiScopes Scope, string Name)[] _names =
    [
        (ApiScopes.Messages, "messages"),
        (ApiScopes.AgentsRead, "agents:read"),
        (ApiScopes.Connections, "connections"),
        (ApiScopes.Events, "events"),
        (ApiScopes.State, "state"),
        (ApiScopes.Admin, "admin"),
    ];

    /// <summary>The names, in a fixed order.</summary>
    public static IReadOnlyList<string> ToNames(this ApiScopes scopes) =>
        [.. _names.Where(entry => scopes.HasFlag(entry.Scope)).Select(entry => entry.Name)];

    /// <summary>Reads names; none is the default.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static ApiScopes Parse(IEnumerable<string>? names)
    {
        var scopes = ApiScopes.None;
        foreach (var name in names ?? [])
        {
            var scope = Array.Find(_names, entry => entry.Name == name).Scope;
            scopes |= scope != ApiScopes.None
                ? scope
                : throw new ParleyException(ErrorCode.InvalidArgument, $"Scopes are {string.Join(", ", _names.Select(entry => entry.Name))}.");
        }

        return scopes == ApiScopes.None ? ApiScopes.Default : scopes;
    }
}
