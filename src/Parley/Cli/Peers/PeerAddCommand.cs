using System.CommandLine;
using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer add</c>: takes in what another side's export printed. A running server knows it at once.</summary>
internal sealed class PeerAddCommand : ParleyCommand
{
    private const int MaxBytes = 64 * 1024;

    private readonly Argument<string?> _file = new("FILE") { Arity = ArgumentArity.ZeroOrOne, Description = "What parley peer export printed there; - reads standard input" };
    private readonly Option<string?> _fromHub = new("--from-hub") { HelpName = "AGENT", Description = "Instead of FILE: the keys of this agent of the home's hub, with --host" };
    private readonly Option<string?> _host = new("--host") { HelpName = "H", Description = "Where it serves its peers, with --from-hub" };
    private readonly Option<int> _port = new("--port") { HelpName = "P", DefaultValueFactory = _ => PeerEntry.DefaultPort, Description = "Its port, with --from-hub" };
    private readonly Option<string?> _name = new("--name") { HelpName = "N", Description = "Its self.name, with --from-hub [default: the agent's]" };
    private readonly Option<bool> _replace = new("--replace") { Description = "Replace address, key and certificate of a peer that is there already" };

    public PeerAddCommand()
        : base("add", "Add a peer to peers.json", new Example("parley peer add peer-b.json", "from a file"), new Example("parley peer add - --replace", "from standard input, with a changed key"), new Example("parley peer add --from-hub agent-b --host 192.0.2.7", "keys that the hub knows; compare the fingerprint"))
    {
        Add(_file);
        foreach (var option in new Option[] { _fromHub, _host, _port, _name, _replace })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        var export = await ReadAsync(context, parsed, cancellationToken);
        using var held = PeerHome.Lock(home);
        var current = home.ReadSecret(PeersFile.Name) ?? throw new ParleyException(ErrorCode.NotFound, "There is no peers.json. Run: parley peer init --name NAME");
        var (text, name) = PeerExport.Add(Encoding.UTF8.GetString(current), export, parsed.GetValue(_replace), context.Time.GetUtcNow());
        home.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(text));
        context.Terminal.WriteLine(name);
        return 0;
    }

    private async Task<string> ReadAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (file, agent, host) = (parsed.GetValue(_file), parsed.GetValue(_fromHub), parsed.GetValue(_host));
        if (file is null == agent is null || (agent is null) != (host is null))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Give FILE, or --from-hub AGENT and --host H.");
        }

        if (agent is not null)
        {
            var (export, fingerprint) = await PeerFromHub.ReadAsync(context, agent, parsed.GetValue(_name), host!, parsed.GetValue(_port), cancellationToken);
            context.Terminal.Note($"the hub says that its key is {fingerprint}: compare with what parley whoami prints there");
            return export;
        }

        return file == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : ReadFile(file!);
    }

    private static string ReadFile(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes ? File.ReadAllText(path) : throw new ParleyException(ErrorCode.InvalidArgument, "The file is too large for what parley peer export prints.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The file cannot be read: {exception.Message}", exception);
        }
    }
}
