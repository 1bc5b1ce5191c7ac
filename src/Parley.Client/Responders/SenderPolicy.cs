using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.Responders;

/// <summary>Whose messages a responder answers.</summary>
/// <remarks>
/// Without a list: the agents of the own owner (DECISIONS 6). A list replaces that: <c>name</c> is an agent of the own owner, <c>owner.name</c> any agent,
/// <c>owner.*</c> all agents of an owner.
/// </remarks>
public sealed class SenderPolicy
{
    private readonly string? _owner;
    private readonly HashSet<string>? _allowed;

    private SenderPolicy(string? owner, HashSet<string>? allowed)
    {
        _owner = owner;
        _allowed = allowed;
    }

    /// <summary>For doors that have settled by themselves who may ask (a peer's pinned key, a room's seat).</summary>
    public static SenderPolicy Everyone { get; } = new(null, null);

    /// <summary>The policy of a listener.</summary>
    /// <param name="owner">The listening agent's owner.</param>
    /// <param name="allow">Entries of <c>--allow</c>; empty: the own owner's agents.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NameInvalid"/> for an entry that is no name.</exception>
    public static SenderPolicy Of(string owner, IEnumerable<string> allow)
    {
        var allowed = allow.Select(entry => Canonical(owner, entry.Trim())).ToHashSet(StringComparer.Ordinal);
        return new SenderPolicy(owner, allowed.Count == 0 ? [owner + ".*"] : allowed);
    }

    /// <summary>True when this sender's messages are answered.</summary>
    /// <param name="from">Canonical address of the sender.</param>
    public bool Allows(string from)
    {
        if (_owner is null || _allowed is null)
        {
            return true;
        }

        return AgentAddress.TryParse(from, out var sender) && (_allowed.Contains(from) || _allowed.Contains(sender.Owner + ".*"));
    }

    private static string Canonical(string owner, string entry)
    {
        if (entry.EndsWith(".*", StringComparison.Ordinal) && Names.IsValid(entry.AsSpan(0, entry.Length - 2)))
        {
            return entry;
        }

        return Names.IsValid(entry) ? $"{owner}.{entry}" : AgentAddress.Parse(entry).ToString();
    }
}
