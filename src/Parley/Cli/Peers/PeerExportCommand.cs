using System.CommandLine;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Rotation;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer export</c>: prints what the other side needs to know; no secrets.</summary>
internal sealed class PeerExportCommand : ParleyCommand
{
    private readonly Option<string?> _host = new("--host") { HelpName = "H", Description = "Where peers reach this machine [default: its name]" };
    private readonly Option<int> _port = new("--port") { HelpName = "P", DefaultValueFactory = _ => PeerEntry.DefaultPort, Description = "Port of parley peer serve" };

    private readonly Option<bool> _qr = new("--qr") { Description = "Draw it as a QR code, without the certificate: its fingerprint is enough" };

    public PeerExportCommand()
        : base(
            "export",
            "Print name, address, key and certificate for the other side's peer add",
            new Example("parley peer export --host 192.0.2.7", "JSON to hand over by a way that both sides trust"), new Example("parley peer export --host 192.0.2.7 --qr", "the same to scan"))
    {
        Add(_host);
        Add(_port);
        Add(_qr);
        OnRun(Run);
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        var peers = PeerHome.Load(context);
        var key = peers.SigningKey ?? throw new ParleyException(ErrorCode.InvalidArgument, "peers.json has no self.signingKey: run parley peer init, or set it.");
        var home = context.OpenHome();
        var rotation = new KeyRotation(home, context.Time);
        using var identity = rotation.Current().Load();
        var pending = rotation.Pending();
        var host = parsed.GetValue(_host) ?? Environment.MachineName;
        var pin = CertificatePin.Of(identity.Certificate);
        var self = new PeerEntry(peers.Name, host, parsed.GetValue(_port), pending?.NewPin ?? pin, PeerProfile.JwtEddsa)
        {
            VerifyKey = key.PublicKey.ToArray(),
            OldPin = pending is null ? null : pin,
            OldPinUntil = pending is null ? default : DateTimeOffset.FromUnixTimeSeconds(pending.Until),
        };
        context.Terminal.Write(parsed.GetValue(_qr) ? QrText.Of(PeerExport.Of(self, certificatePem: null)) : PeerExport.Of(self, pending is null ? identity.Certificate.ToPem() : null));
        return 0;
    }
}
