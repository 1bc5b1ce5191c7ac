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
        var request = await FindAsync(context, parsed.GetValue(_id)!, cancellationToken);
        var text = parsed.GetValue(_text)!;
        var content = text == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : text;
        var reply = new Reply { State = ReplyState.Completed, Type = MessageType.Text, Content = ByteString.CopyFromUtf8(content) };
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var receipt = await home.Link.SendAsync(EnvelopeFactory.Reply(new Envelope { Id = request.Id, From = request.Sender }, reply), cancellationToken);
        context.Terminal.Note($"{receipt.State.ToString().ToLowerInvariant()} to {request.Sender}");
        return 0;
    }

    /// <summary>Looks the message up in this home's journals: they know who sent it.</summary>
    private static async Task<JournalKey> FindAsync(CommandContext context, string id, CancellationToken cancellationToken)
    {
        var home = context.OpenHome();
        foreach (var file in Directory.EnumerateFiles(home.FullPath, "journal*.db"))
        {
            await using var journal = SqliteJournal.Open(file, Durability.Full, context.Time, context.Loggers.CreateLogger<SqliteJournal>());
            if (await journal.FindAsync(id, cancellationToken) is { } found)
            {
                return found.Key;
            }
        }

        throw new ParleyException(ErrorCode.NotFound, "No message of this id was shown in this home, or several begin with it.");
    }
}
