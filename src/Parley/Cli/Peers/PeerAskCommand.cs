using System.CommandLine;
using System.Text.Json;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Serving;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;

namespace Parley.Cli.Peers;

/// <summary><c>parley peer ask</c>: asks a peer and prints its words as they are.</summary>
internal sealed class PeerAskCommand : ParleyCommand
{
    private const string ContextVariable = "PARLEY_CONTEXT";
    private const string CauseVariable = "PARLEY_CAUSE";

    private readonly Argument<string> _peer = new("NAME") { Description = "A peer of peers.json" };
    private readonly Argument<string> _message = new("MESSAGE") { Description = "The question; - reads standard input" };
    private readonly Option<string?> _timeout = new("--timeout") { HelpName = "D", Description = "How long to wait [default: timeoutMs of peers.json, else 60s]" };
    private readonly Option<string?> _thread = new("--thread") { HelpName = "T", Description = "The conversation [default: the usual one with this peer; inside of an answer to a peer, one of that answer]" };
    private readonly Option<int?> _hops = new("--hops") { HelpName = "N", Description = "Hop budget [default: maxHops of peers.json, less what a question that caused this one has used]" };

    public PeerAskCommand()
        : base("ask", "Ask a peer and print its answer", new Example("parley peer ask peer-b \"What's your current sleep status?\"", "the peer's words, nothing else"), new Example("parley peer ask peer-b - --json", "from standard input; the answer or an error with its code"))
    {
        foreach (var argument in new[] { _peer, _message })
        {
            Add(argument);
        }

        foreach (var option in new Option[] { _timeout, _thread, _hops, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    /// <summary>Prints an outcome.</summary>
    public static int Print(CommandContext context, string peer, PeerReply reply, TimeSpan took)
    {
        var isAnswered = reply.Outcome == PeerOutcome.Answered;
        if (context.IsJson)
        {
            var shown = new PeerAnswerJson(
                peer, isAnswered ? reply.Text : null, isAnswered ? null : reply.Text, isAnswered ? null : reply.Code, (long?)reply.RetryAfter?.TotalSeconds, Math.Round(took.TotalMilliseconds, 1));
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
        var timeout = parsed.GetValue(_timeout) is { } text ? DurationText.Parse(text) : self.Timeout;
        using var client = new PeerClient(self, peer, context.Time, context.FillRandom);
        var started = context.Time.GetTimestamp();
        var reply = await client.AskAsync(message, HopsOf(context, parsed, self), ThreadOf(context, parsed), timeout, cancellationToken);
        return Print(context, peer.Name, reply, context.Time.GetElapsedTime(started));
    }

    // What runs because a peer asked has that question's budget in its environment: of its own process, so that questions never mix.
    private int HopsOf(CommandContext context, ParseResult parsed, PeerDirectory self)
    {
        var left = LeftOf(context.Environment(ContextVariable)) ?? self.MaxHops;
        return Math.Min(Math.Min(parsed.GetValue(_hops) ?? self.MaxHops, left), self.MaxHops);
    }

    // Questions of one conversation wait for each other. One that runs inside of an answer must not wait for the question that waits for this answer.
    private string? ThreadOf(CommandContext context, ParseResult parsed) =>
        parsed.GetValue(_thread) ?? (LeftOf(context.Environment(ContextVariable)) is null ? null : context.Environment(CauseVariable));

    private static int? LeftOf(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(PeerMessage.HopsKey, out var hops) && int.TryParse(hops.GetString(), out var left) ? left : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{ContextVariable} is damaged.", exception);
        }
    }
}
