using System.CommandLine;
using System.Text.Json;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Output;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer list</c>: whom <c>peers.json</c> names, without their secrets, and who of them answers.</summary>
internal sealed class PeerListCommand : ParleyCommand
{
    private const string Alive = "alive";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    private readonly Option<bool> _noPing = new("--no-ping") { Description = "Do not ask who is alive" };

    public PeerListCommand()
        : base("list", "List the peers, who is alive, how far, and when they were last heard of", new Example("parley peer list", "waits 3 s at most"), new Example("parley peer list --no-ping --json", "what the file says, for a program"))
    {
        Add(_noPing);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var self = PeerHome.Load(context);
        var seen = new PeerSightings(context.OpenHome(), context.Time);
        var peers = self.Peers.Values.OrderBy(peer => peer.Name, StringComparer.Ordinal);
        var rows = await Task.WhenAll(peers.Select(peer => RowOfAsync(context, self, peer, seen, !parsed.GetValue(_noPing), cancellationToken)));
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(rows, PeerJson.Compact.PeerRowArray));
        }
        else
        {
            context.Terminal.Write(TextTable.Of(
                ["PEER", "ADDRESS", "PROFILE", "TRUST", "STATE", "LATENCY", "LAST SEEN", "PIN"],
                rows.Select(row => new[] { row.Name, $"{row.Host}:{row.Port}", row.Profile, row.Trust.ToString(), row.State ?? "-", row.Milliseconds is { } took ? $"{took} ms" : "-", row.LastSeen?.ToString("u") ?? "never", row.Pin })));
        }

        if (rows.Length == 0)
        {
            context.Terminal.Note("no peers yet: run parley peer export there, and here parley peer add FILE with what it printed");
        }
        else if (rows.Any(row => row.State is not (null or Alive)))
        {
            context.Terminal.Note("parley peer doctor says of those that are not alive what is wrong, and what mends it");
        }

        return 0;
    }

    private static async Task<PeerRow> RowOfAsync(CommandContext context, PeerDirectory self, PeerEntry peer, PeerSightings seen, bool pings, CancellationToken cancellationToken)
    {
        var (state, took) = pings ? await PingAsync(context, self, peer, cancellationToken) : (null, null);
        if (took is not null)
        {
            seen.Note(peer.Name);
        }

        var name = PeerProfileName.Of(peer.Profile);
        var profile = peer.Profile == PeerProfile.JwtEddsa && peer.Token is not null ? name + "+proof" : name;
        return new PeerRow(peer.Name, peer.Host, peer.Port, profile, peer.Trust, peer.Pin.ToString(), state, took, seen.Of(peer.Name));
    }

    private static async Task<(string State, double? Took)> PingAsync(CommandContext context, PeerDirectory self, PeerEntry peer, CancellationToken cancellationToken)
    {
        try
        {
            using var client = PeerHome.Client(context, self, peer);
            var started = context.Time.GetTimestamp();
            var reply = await client.ReadCardAsync(_patience, cancellationToken);
            return reply.Outcome == PeerOutcome.Answered
                ? (Alive, Math.Round(context.Time.GetElapsedTime(started).TotalMilliseconds, 1))
                : (reply.Code, null);
        }
        catch (ParleyException refusal)
        {
            return (refusal.Row.WireName, null);
        }
    }
}
