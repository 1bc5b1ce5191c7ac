using System.CommandLine;
using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer add</c>: takes in what another side's export printed. A running server knows it at once.</summary>
internal sealed class PeerAddCommand : ParleyCommand
{
    private const int MaxBytes = 64 * 1024;

    private readonly Argument<string> _file = new("FILE") { Description = "What parley peer export printed there; - reads standard input" };
    private readonly Option<bool> _replace = new("--replace") { Description = "Replace address, key and certificate of a peer that is there already" };

    public PeerAddCommand()
        : base("add", "Add a peer to peers.json", new Example("parley peer add peer-b.json", "from a file"), new Example("parley peer add - --replace", "from standard input, with a changed key"))
    {
        Add(_file);
        Add(_replace);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        var export = parsed.GetValue(_file) == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : ReadFile(parsed.GetValue(_file)!);
        using var held = PeerHome.Lock(home);
        var current = home.ReadSecret(PeersFile.Name) ?? throw new ParleyException(ErrorCode.NotFound, "There is no peers.json. Run: parley peer init --name NAME");
        var (text, name) = PeerExport.Add(Encoding.UTF8.GetString(current), export, parsed.GetValue(_replace));
        home.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(text));
        context.Terminal.WriteLine(name);
        return 0;
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
