using System.CommandLine;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Formats;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer task</c>: what became of a question that was not waited for.</summary>
internal sealed class PeerTaskCommand : ParleyCommand
{
    public PeerTaskCommand()
        : base("task", "See or cancel a question whose answer was not waited for", new Example("parley peer task show peer-b 01J9Z3 --follow", "its answer, waiting for it"))
    {
        Add(new Show());
        Add(new Cancel());
    }

    private static async Task<int> RunAsync(
        CommandContext context, string name, Func<PeerDirectory, PeerClient, Task<PeerReply>> call)
    {
        var self = PeerHome.Load(context);
        var peer = self.Get(name);
        using var client = PeerHome.Client(context, self, peer);
        var started = context.Time.GetTimestamp();
        var reply = await call(self, client);
        return PeerAskCommand.Print(context, peer.Name, reply, context.Time.GetElapsedTime(started));
    }

    private sealed class Show : ParleyCommand
    {
        private readonly Argument<string> _peer = new("NAME") { Description = "A peer of peers.json" };
        private readonly Argument<string> _task = new("ID") { Description = "What peer ask --no-wait printed" };
        private readonly Option<bool> _follow = new("--follow") { Description = "Wait for the answer" };
        private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => DurationText.Format(PatientAsk.DefaultPatience), Description = "How long, with --follow, up to 30d" };

        public Show()
            : base("show", "Print a question's answer, or that there is none yet", new Example("parley peer task show peer-b 01J9Z3", "exit 5 while the peer works on it"))
        {
            Add(_peer);
            Add(_task);
            Add(_follow);
            Add(_timeout);
            Add(CommonOptions.Json);
            OnRun((context, parsed, cancellationToken) => PeerTaskCommand.RunAsync(context, parsed.GetValue(_peer)!, (self, client) => new PatientAsk(client, self.Timeout, context.Time).FollowAsync(
                parsed.GetValue(_task)!, parsed.GetValue(_follow) ? DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name) : TimeSpan.Zero, cancellationToken)));
        }
    }

    private sealed class Cancel : ParleyCommand
    {
        private readonly Argument<string> _peer = new("NAME") { Description = "A peer of peers.json" };
        private readonly Argument<string> _task = new("ID") { Description = "What peer ask --no-wait printed" };

        public Cancel()
            : base("cancel", "Stop the peer's work on a question", new Example("parley peer task cancel peer-b 01J9Z3", "prints what became of it"))
        {
            Add(_peer);
            Add(_task);
            Add(CommonOptions.Json);
            OnRun(RunCancelAsync);
        }

        private Task<int> RunCancelAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken) =>
            PeerTaskCommand.RunAsync(context, parsed.GetValue(_peer)!, async (self, client) =>
            {
                var reply = await client.CancelTaskAsync(parsed.GetValue(_task)!, self.Timeout, cancellationToken);
                return reply.Outcome == PeerOutcome.Canceled ? reply with { Outcome = PeerOutcome.Answered, Text = "cancelled" } : reply;
            });
    }
}
