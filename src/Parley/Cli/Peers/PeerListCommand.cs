using System.Text.Json;
using Parley.Client.PeerApi.Entries;
using Parley.Output;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer list</c>: whom <c>peers.json</c> names, without their secrets.</summary>
internal sealed class PeerListCommand : ParleyCommand
{
    public PeerListCommand()
        : base("list", "List the peers", new Example("parley peer list --json", "for a program"))
    {
        Add(CommonOptions.Json);
        OnRun((context, _) => Run(context));
    }

    private static int Run(CommandContext context)
    {
        var peers = PeerHome.Load(context).Peers.Values.OrderBy(peer => peer.Name, StringComparer.Ordinal).Select(RowOf).ToArray();
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(peers, PeerJson.Compact.PeerRowArray));
        }
        else
        {
            context.Terminal.Write(TextTable.Of(["PEER", "ADDRESS", "PROFILE", "TRUST", "PIN"], peers.Select(peer => new[] { peer.Name, $"{peer.Host}:{peer.Port}", peer.Profile, peer.Trust.ToString(), peer.Pin })));
        }

        return 0;
    }

    private static PeerRow RowOf(PeerEntry peer)
    {
        var profile = PeerProfileName.Of(peer.Profile);
        return new PeerRow(peer.Name, peer.Host, peer.Port, peer.Profile == PeerProfile.JwtEddsa && peer.Token is not null ? profile + "+proof" : profile, peer.Trust, peer.Pin.ToString());
    }
}
