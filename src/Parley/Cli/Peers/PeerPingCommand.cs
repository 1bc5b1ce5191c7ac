using System.CommandLine;
using Parley.Protocol.Formats;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer ping</c>: whether a peer answers and both sides believe each other, without a question.</summary>
internal sealed class PeerPingCommand : ParleyCommand
{
    private readonly Argument<string> _peer = new("NAME") { Description = "A peer of peers.json" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "10s", Description = "How long to wait, up to 30d" };

    public PeerPingCommand()
        : base("ping", "See whether a peer answers, and print its card", new Example("parley peer ping peer-b", "its card, when certificate and keys are right on both sides"))
    {
        Add(_peer);
        Add(_timeout);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var self = PeerHome.Load(context);
        var peer = self.Get(parsed.GetValue(_peer)!);
        using var client = PeerHome.Client(context, self, peer);
        var started = context.Time.GetTimestamp();
        var reply = await client.ReadCardAsync(DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name), cancellationToken);
        return PeerAskCommand.Print(context, peer.Name, reply, context.Time.GetElapsedTime(started));
    }
}
