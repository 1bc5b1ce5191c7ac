using System.CommandLine;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer export</c>: prints what the other side needs to know; no secrets.</summary>
internal sealed class PeerExportCommand : ParleyCommand
{
    private readonly Option<string?> _host = new("--host") { HelpName = "H", Description = "Where peers reach this machine [default: its name]" };
    private readonly Option<int> _port = new("--port") { HelpName = "P", DefaultValueFactory = _ => PeerEntry.DefaultPort, Description = "Port of parley peer serve" };

    public PeerExportCommand()
        : base(
            "export",
            "Print name, address, key and certificate for the other side's peer add",
            new Example("parley peer export --host 192.0.2.7", "JSON to hand over by a way that both sides trust"))
    {
        Add(_host);
        Add(_port);
        OnRun(Run);
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        var peers = PeerHome.Load(context);
        var key = peers.SigningKey ?? throw new ParleyException(ErrorCode.InvalidArgument, "peers.json has no self.signingKey: run parley peer init, or set it.");
        using var identity = new PeerCertificateFiles(context.OpenHome().FullPath, context.Time).Load();
        var host = parsed.GetValue(_host) ?? Environment.MachineName;
        var self = new PeerEntry(peers.Name, host, parsed.GetValue(_port), CertificatePin.Of(identity.Certificate), PeerProfile.JwtEddsa) { VerifyKey = key.PublicKey.ToArray() };
        context.Terminal.Write(PeerExport.Of(self, identity.Certificate.ToPem()));
        return 0;
    }
}
