using System.CommandLine;
using System.Text.Json;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer ask</c>: asks a peer and prints its words as they are.</summary>
internal sealed class PeerAskCommand : ParleyCommand
{
    private readonly Argument<string> _peer = new("NAME") { Description = "A peer of peers.json" };
    private readonly Argument<string> _message = new("MESSAGE") { Description = "The question; - reads standard input" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => DurationText.Format(PatientAsk.DefaultPatience), Description = "How long to wait in all, up to 30d; what takes longer than timeoutMs of peers.json (60s) is asked for again until then" };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Print the id of the question and end; parley peer task show prints its answer" };
    private readonly Option<string?> _thread = new("--thread") { HelpName = "T", Description = "The conversation [default: the usual one with this peer; inside of an answer to a peer, one of that answer]" };
    private readonly Option<int?> _hops = new("--hops") { HelpName = "N", Description = "Hop budget [default: maxHops of peers.json, less what a question that caused this one has used]" };

    public PeerAskCommand()
        : base("ask", "Ask a peer and print its answer", new Example("parley peer ask peer-b \"What's your current sleep status?\"", "the peer's words, nothing else"), new Example("parley peer ask peer-b - --json", "from standard input; the answer or an error with its code"), new Example("parley peer ask peer-b \"Build it all\" --no-wait", "the question's id, for parley peer task show"))
    {
        foreach (var argument in new[] { _peer, _message })
        {
            Add(argument);
        }

        foreach (var option in new Option[] { _timeout, _noWait, _thread, _hops, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    /// <summary>Prints an outcome.</summary>
    public static int Print(CommandContext context, string peer, PeerReply reply, TimeSpan took)
    {
        if (reply.Outcome is PeerOutcome.Answered or PeerOutcome.Pending)
        {
            new PeerSightings(context.OpenHome(), context.Time).Note(peer);
        }

        var isAnswered = reply.Outcome == PeerOutcome.Answered;
        var task = reply.Outcome is PeerOutcome.Pending or PeerOutcome.Timeout ? reply.Task : null;
        if (context.IsJson)
        {
            var shown = new PeerAnswerJson(
                peer, isAnswered ? reply.Text : null, isAnswered ? null : reply.Text, isAnswered ? null : reply.Code, task, (long?)reply.RetryAfter?.TotalSeconds, Math.Round(took.TotalMilliseconds, 1));
            context.Terminal.WriteJson(JsonSerializer.Serialize(shown, PeerJson.Compact.PeerAnswerJson));
            return isAnswered ? 0 : ErrorMap.Of(reply.ErrorCode).Exit;
        }

        if (!isAnswered)
        {
            throw new ParleyException(reply.ErrorCode, $"{reply.Text} ({reply.Code})") { RetryAfter = reply.RetryAfter };
        }

        context.Terminal.Write(reply.Text.EndsWith('\n') ? reply.Text : reply.Text + "\n");
        return 0;
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var self = PeerHome.Load(context);
        var peer = self.Get(parsed.GetValue(_peer)!);
        var message = parsed.GetValue(_message) == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : parsed.GetValue(_message)!;
        var cause = PeerBudget.Of(context.Environment);
        var question = new PeerQuestion(message, HopsOf(parsed, self, cause), DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name)) { Session = parsed.GetValue(_thread) ?? cause.Session };
        using var client = PeerHome.Client(context, self, peer);
        var started = context.Time.GetTimestamp();
        var reply = parsed.GetValue(_noWait)
            ? await client.BeginAsync(question.Text, question.Hops, question.Session, self.Timeout, cancellationToken)
            : await Patient(context, client, self, peer.Name).AskAsync(question, cancellationToken);
        if (parsed.GetValue(_noWait) && reply is { Outcome: PeerOutcome.Pending, Task: { } task })
        {
            var begun = new PeerAnswerJson(peer.Name, null, null, reply.Code, task, null, Math.Round(context.Time.GetElapsedTime(started).TotalMilliseconds, 1));
            context.Print(begun, PeerJson.Compact.PeerAnswerJson, _ => task);
            return 0;
        }

        return Print(context, peer.Name, reply, context.Time.GetElapsedTime(started));
    }

    private static PatientAsk Patient(CommandContext context, PeerClient client, PeerDirectory self, string peer) => new(client, self.Timeout, context.Time)
    {
        OnPending = task => context.Terminal.Note($"{peer} goes on with it; if this command ends, its answer is had by: parley peer task show {peer} {task}"),
    };

    // What runs because a peer asked has that question's budget in its environment: of its own process, so that questions never mix.
    private int HopsOf(ParseResult parsed, PeerDirectory self, PeerCause cause) =>
        Math.Min(Math.Min(parsed.GetValue(_hops) ?? self.MaxHops, cause.HopsLeft ?? self.MaxHops), self.MaxHops);
}
