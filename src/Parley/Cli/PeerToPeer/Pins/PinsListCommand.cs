using System.Text.Json;
using Parley.Client.Config;
using Parley.Client.Peering.Pins;
using Parley.Output;
using Parley.Protocol.Identity;

namespace Parley.Cli.PeerToPeer.Pins;

/// <summary><c>parley pins list</c>: from this home's file alone, so that it works without the hub.</summary>
internal sealed class PinsListCommand : ParleyCommand
{
    public PinsListCommand()
        : base("list", "List the keys of the agents that this home met", new Example("parley pins list --json", "for a program"))
    {
        Add(CommonOptions.Json);
        OnRun((context, _, _) => Task.FromResult(Run(context)));
    }

    private static int Run(CommandContext context)
    {
        var home = context.OpenHome();
        var known = new KnownAgents(home, context.Time).List(HubProfile.Load(home).HubId);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize([.. known.Select(RowOf)], P2pJson.Compact.PinJsonArray));
            return 0;
        }

        context.Terminal.Write(TextTable.Of(
            ["AGENT", "TRUST", "FIRST MET", "KEY"],
            known.Select(agent => new[] { agent.Address.ToString(), P2pHome.WordOf(agent.Trust), $"{agent.FirstMet:yyyy-MM-ddTHH:mm:ssZ}", KeyFingerprint.Of(agent.Key.Span) })));
        if (known.Count == 0)
        {
            context.Terminal.Note("this home has met nobody yet: parley verify NAME before the first meeting leaves nothing to the hub's word");
        }

        return 0;
    }

    private static PinJson RowOf(KnownAgent agent) =>
        new(agent.Address.ToString(), KeyFingerprint.Of(agent.Key.Span), P2pHome.WordOf(agent.Trust), agent.FirstMet, agent.VerifiedAt);
}
