using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli;

/// <summary>The hub's list of agents, all pages of it.</summary>
internal static class AgentList
{
    /// <summary>The agents that this one sees.</summary>
    /// <param name="link">Whose link is asked.</param>
    /// <param name="selector">Labels that they have; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task<Page<AgentView>> AllAsync(HubLink link, string? selector, CancellationToken cancellationToken) =>
        WholeList.ReadAsync(link, "agents.list", selector, ManagementJson.Answers.PageAgentView, static agent => agent.Address, cancellationToken);

    /// <summary>The addresses of agents whose labels fit, but for this one's: what goes to all of a label is not meant for the one who sends it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>: none.</exception>
    public static async Task<IReadOnlyList<string>> SelectAsync(HubLink link, string selector, AgentAddress self, CancellationToken cancellationToken)
    {
        var targets = (await AllAsync(link, selector, cancellationToken)).Data.Select(agent => agent.Address).Where(address => address != self.ToString()).ToList();
        return targets.Count > 0 ? targets : throw new ParleyException(ErrorCode.AgentUnknown, "No agent has these labels.");
    }
}
