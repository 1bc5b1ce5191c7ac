using System.CommandLine;
using System.Text.Json;
using Parley.Client.PeerApi.Discovery;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Rotation;
using Parley.Crypto.Tls;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer discover</c>: lists who says on the local network that he is there. Reads <c>peers.json</c>, and changes nothing.</summary>
internal sealed class PeerDiscoverCommand : ParleyCommand
{
    // What somebody says of himself is worth no more than this; its key comes by an export alone.
    private const string HowToAdd = "parley peer add FILE --replace";

    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => DurationText.Format(PeerSearch.DefaultPatience), Description = "How long to listen, up to 30d" };
    private readonly Option<string?> _interface = new("--interface") { HelpName = "ADDRESS", Description = "An IPv4 address of this machine: the network to ask [default: the one that leads out]" };

    public PeerDiscoverCommand()
        : base(
            "discover",
            "List who says on the local network that he serves peers (parley peer serve --discoverable)",
            new Example("parley peer discover", "name, address, fingerprint, and whether peers.json has the same; nothing is trusted or written"),
            new Example("parley peer discover --timeout 10s --json", "for a program"))
    {
        Add(_timeout);
        Add(_interface);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var patience = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        using var socket = MulticastSocket.Asking(LocalNetwork.Choose(parsed.GetValue(_interface)));
        var self = Known(context);
        var own = OwnPin(context);
        var found = await PeerSearch.RunAsync(socket, patience, context.Time, cancellationToken);
        var rows = found.Select(peer => RowOf(context, self, own, peer)).ToArray();
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(rows, PeerJson.Compact.FoundPeerRowArray));
            return 0;
        }

        context.Terminal.Write(TextTable.Of(["PEER", "ADDRESS", "STATE", "FINGERPRINT"], rows.Select(row => new[] { row.Name, string.Join(' ', row.Addresses), row.State, row.Fingerprint })));
        foreach (var row in rows.Where(row => row.Add is not null))
        {
            context.Terminal.Note($"{row.Name} is {row.State}. {(row.State == FoundPeerRow.Differs ? "It may be somebody else: compare the fingerprint with its owner. If it has new keys" : "If you know its owner, and the fingerprint is right there")}: {row.Add}");
        }

        if (rows.Length == 0)
        {
            context.Terminal.Note("nobody said anything: there it is parley peer serve --discoverable, and a firewall must let UDP 5353 in");
        }

        return 0;
    }

    private static FoundPeerRow RowOf(CommandContext context, PeerDirectory self, CertificatePin? own, PeerAnnouncement peer)
    {
        var state = StateOf(context, self, own, peer);
        var host = peer.Addresses[0].ToString();
        var add = state is FoundPeerRow.Unknown or FoundPeerRow.Differs
            ? $"there: parley peer export --host {host} --port {peer.Port} > FILE; here, when you have it by a way that you trust: {(state == FoundPeerRow.Differs ? HowToAdd : "parley peer add FILE")}"
            : null;
        return new FoundPeerRow(peer.Name, [.. peer.Addresses.Select(address => new System.Net.IPEndPoint(address, peer.Port).ToString())], peer.Pin.ToString(), state, add);
    }

    private static string StateOf(CommandContext context, PeerDirectory self, CertificatePin? own, PeerAnnouncement peer)
    {
        if (peer.Pin.Equals(own))
        {
            return FoundPeerRow.Self;
        }

        if (!self.Peers.TryGetValue(peer.Name, out var entry))
        {
            return FoundPeerRow.Unknown;
        }

        var pins = entry.PinsAt(context.Time.GetUtcNow());
        return pins.Contains(peer.Pin) ? FoundPeerRow.Known : pins.Any(pin => pin.IsOfKey) ? FoundPeerRow.KeyPinned : FoundPeerRow.Differs;
    }

    // Who has no peers yet may look around.
    private static PeerDirectory Known(CommandContext context)
    {
        try
        {
            return PeerHome.Load(context);
        }
        catch (ParleyException refusal) when (refusal.Code == ErrorCode.NotFound)
        {
            context.Terminal.Note(refusal.Message);
            return PeerDirectory.Empty;
        }
    }

    private static CertificatePin? OwnPin(CommandContext context)
    {
        try
        {
            using var identity = new KeyRotation(context.OpenHome(), context.Time).Current().Load();
            return CertificatePin.Of(identity.Certificate);
        }
        catch (ParleyException)
        {
            return null;
        }
    }
}
