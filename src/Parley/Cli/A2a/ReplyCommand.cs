using System.CommandLine;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a reply ID TEXT</c>: a person answers a message that the listener showed.</summary>
internal sealed class ReplyCommand : ParleyCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The message's id, as the listener showed it" };
    private readonly Argument<string> _text = new("TEXT") { Description = "The answer; '-' reads standard input" };

    public ReplyCommand()
        : base(
            "reply",
            "Answer a message as a person",
            new Example("parley a2a reply 7k2m... \"yes, go ahead\"", "the sender finds it with a2a result, or is still waiting for it"))
    {
        Add(_id);
        Add(_text);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(_id)!;
        var text = parsed.GetValue(_text)!;
        var content = text == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : text;
        using var place = JournalPlace.Take(context.OpenHome());
        if (!File.Exists(place.File))
        {
            throw Unknown();
        }

        await using var journal = SqliteJournal.Open(place.File, Durability.Full, context.Time, context.Loggers.CreateLogger<SqliteJournal>(), place.Number);
        var request = (await journal.FindAsync(id, cancellationToken))?.Key ?? throw Unknown();
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var reply = EnvelopeFactory.Reply(
            new Envelope { Id = request.Id, From = request.Sender },
            new Reply { State = ReplyState.Completed, Type = MessageType.Text, Content = ByteString.CopyFromUtf8(content) });
        await journal.AnswerShownAsync(request, reply, cancellationToken);
        var receipt = await SendAsync(context, home, journal, request, reply, cancellationToken);
        context.Terminal.Note($"{receipt.State.ToString().ToLowerInvariant()} to {request.Sender}");
        return 0;
    }

    private static ParleyException Unknown() => new(ErrorCode.NotFound, "No message of this id was shown in this home, or several begin with it.");

    /// <summary>Sends a reply that stands in the journal: one that the hub did not take is sent by the next listener of this home, unless the hub refused it for good.</summary>
    private static async Task<Receipt> SendAsync(
        CommandContext context, HomeLink home, SqliteJournal journal, JournalKey request, Envelope reply, CancellationToken cancellationToken)
    {
        try
        {
            var receipt = await home.Link.SendAsync(reply, cancellationToken);
            await journal.FinishAsync(request, CancellationToken.None);
            return receipt;
        }
        catch (Exception exception) when (exception is OperationCanceledException or ParleyException { Code: ErrorCode.Unavailable or ErrorCode.MailboxFull or ErrorCode.Canceled } || home.Link.HasEnded)
        {
            context.Terminal.Note("the answer is kept: the next parley a2a listen of this home sends it");
            throw;
        }
        catch (ParleyException)
        {
            await journal.FinishAsync(request, CancellationToken.None);
            throw;
        }
    }
}
