using System.CommandLine;
using System.Text.Json;
using Parley.Client.Peering.Pins;
using Parley.Output;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Wire;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley p2p list</c>: who can be met, and how their keys are known.</summary>
internal sealed class P2pListCommand : ParleyCommand
{
    private const string KeyProblem = "another key than the known one";
    private const string GoneProblem = "not at the hub any more, or not for this agent";

    public P2pListCommand()
        : base("list", "List the agents that can be met and how their keys are known", new Example("parley p2p list", "one line an agent, with what its programs take now: transfer, chat, call"), new Example("parley p2p list --json", "for a program"))
    {
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var peering = await P2pHome.AttachAsync(context, parsed, SessionRole.Caller, [], cancellationToken);
        var known = peering.Known.List(peering.Profile.HubId).ToDictionary(agent => agent.Address.ToString());
        var self = peering.Profile.Agent.ToString();
        var seen = (await AgentList.AllAsync(peering.Link, null, cancellationToken)).Data.Where(agent => agent.Address != self).ToList();
        P2pAgentJson[] rows =
        [
            .. seen.Select(agent => RowOf(agent, known.GetValueOrDefault(agent.Address))),
            .. known.Values.Where(agent => !seen.Exists(other => other.Address == agent.Address.ToString())).Select(RowOf),
        ];
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(rows, P2pJson.Compact.P2pAgentJsonArray));
        }
        else
        {
            context.Terminal.Write(TextTable.Of(
                ["AGENT", "ONLINE", "ACCEPTS", "TRUST", "FINGERPRINT", "PROBLEM"],
                rows.Select(row => new[] { row.Agent, row.Online ? "yes" : "no", string.Join(',', row.Accepts), row.Trust, row.Fingerprint ?? string.Empty, row.Problem ?? string.Empty })));
        }

        return 0;
    }

    private static P2pAgentJson RowOf(AgentView agent, KnownAgent? known)
    {
        var isOther = known is not null && agent.Fingerprint != KeyFingerprint.Of(known.Key.Span);
        var accepts = agent.Accepts ?? [];
        return new P2pAgentJson(agent.Address, agent.Online || accepts.Count > 0, P2pHome.WordOf(known?.Trust), agent.Fingerprint, known?.FirstMet, known?.VerifiedAt, isOther ? KeyProblem : null, accepts);
    }

    private static P2pAgentJson RowOf(KnownAgent known) =>
        new(known.Address.ToString(), false, P2pHome.WordOf(known.Trust), KeyFingerprint.Of(known.Key.Span), known.FirstMet, known.VerifiedAt, GoneProblem, []);
}
