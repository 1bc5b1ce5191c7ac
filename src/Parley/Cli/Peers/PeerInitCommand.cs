using System.CommandLine;
using System.Text;
using Parley.Client.Config;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer init</c>: makes what is missing of key, certificate and <c>peers.json</c>.</summary>
internal sealed class PeerInitCommand : ParleyCommand
{
    private const string SigningKey = "{{file.identity.key}}";
    private const string OneKey = "{{file.identity.tls.key}}";

    private readonly Option<string?> _name = new("--name") { HelpName = "N", Description = "What peers call this agent [default: the computer's name]" };

    private readonly Option<bool> _abtars = new("--abtars") { Description = "Sign with the certificate's key, as peers of profile abtars-req-v1 demand: then one stolen key breaks both layers" };

    public PeerInitCommand()
        : base("init", "Make key, certificate and peers.json; what is there stays", new Example("parley peer init --name kp", "print the certificate's fingerprint"), new Example("parley peer init --name kp --abtars", "one key for both layers"))
    {
        Add(_name);
        Add(_abtars);
        OnRun(Run);
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        var home = context.OpenHome();
        using var held = PeerHome.Lock(home);
        var name = parsed.GetValue(_name) ?? Environment.MachineName;
        if (!PeerEntry.IsName(name))
        {
            throw new ParleyException(ErrorCode.NameInvalid, "A peer's name is 1 to 64 letters, digits, '.', '_' or '-': give --name.");
        }

        using var identity = HomeIdentity.LoadOrCreate(home);
        using var certificate = new PeerCertificateFiles(home.FullPath, context.Time).LoadOrMake(name, []);
        if (!home.Has(PeersFile.Name))
        {
            home.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(PeerExport.NewFile(name, parsed.GetValue(_abtars) ? OneKey : SigningKey)));
        }
        else if (parsed.GetValue(_abtars) && PeerExport.KeyFileOf(Encoding.UTF8.GetString(home.ReadSecret(PeersFile.Name)!)) is not PeerCertificateFiles.KeyName)
        {
            throw new ParleyException(ErrorCode.Conflict, $"peers.json has a signing key already. To sign with the certificate's, set self.signingKey to {OneKey}, and hand every peer a new export.");
        }

        if (parsed.GetValue(_abtars))
        {
            context.Terminal.Note("one key signs and is the certificate's: whoever steals it has both layers");
        }

        var peers = PeerHome.FileOf(context, home).Load();
        context.Terminal.WriteLine(CertificatePin.Of(certificate.Certificate).ToString());
        context.Terminal.Note($"peers know this agent as {peers.Name}; hand them what parley peer export prints");
        return 0;
    }
}
