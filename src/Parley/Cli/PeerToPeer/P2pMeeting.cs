using System.Text.Json;
using Parley.Client.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Management;

namespace Parley.Cli.PeerToPeer;

/// <summary>Meets other agents: one within a time, or all that a selector means.</summary>
internal static class P2pMeeting
{
    /// <summary>Opens a session; either side may start first.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentOffline"/>: nobody accepted it in time.</exception>
    public static async Task<IPeerSession> OpenAsync(CommandContext context, IPeering peering, string target, PeerPurpose purpose, TimeSpan patience, string remedy, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await peering.OpenAsync(target, purpose, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.AgentOffline, $"Nobody of {target} answered within {DurationText.Format(patience)}: {remedy}.");
        }
    }

    /// <summary>The agents whose labels fit, but for this one.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>: none.</exception>
    public static async Task<IReadOnlyList<string>> SelectAsync(AgentPeering peering, string selector, CancellationToken cancellationToken)
    {
        var targets = new List<string>();
        while (true)
        {
            var arguments = new ListArguments(Page<AgentView>.MaxLimit, targets.Count, selector);
            var json = JsonSerializer.SerializeToUtf8Bytes(arguments, ManagementJson.Compact.ListArguments);
            using var answer = await peering.Link.CallAsync("agents.list", json, cancellationToken);
            var page = answer.Deserialize(ManagementJson.Answers.PageAgentView)!;
            targets.AddRange(page.Data.Select(agent => agent.Address));
            if (page.Data.Count == 0 || targets.Count >= page.Meta.Total)
            {
                targets.Remove(peering.Profile.Agent.ToString());
                return targets.Count > 0 ? targets : throw new ParleyException(ErrorCode.AgentUnknown, "No agent has these labels.");
            }
        }
    }
}
