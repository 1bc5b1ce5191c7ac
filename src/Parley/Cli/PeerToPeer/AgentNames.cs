using Parley.Protocol.Identity;

namespace Parley.Cli.PeerToPeer;

/// <summary>The agents that <c>--from</c> names.</summary>
internal static class AgentNames
{
    /// <summary>Their addresses: a bare name is an agent of the own owner.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">One is no name.</exception>
    public static HashSet<AgentAddress> Of(string names, AgentAddress self) =>
        [.. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => AgentAddress.Parse(name.Contains('.', StringComparison.Ordinal) ? name : $"{self.Owner}.{name}"))];
}
