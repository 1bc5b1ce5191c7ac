using System.CommandLine;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room say --human</c>: a person speaks from the seat of an agent.</summary>
internal sealed class RoomSayCommand : RoomSessionCommand
{
    private readonly Argument<string?> _message = new("MESSAGE") { HelpName = "MESSAGE|-", Arity = ArgumentArity.ZeroOrOne, Description = "The text; - or nothing reads it from standard input" };
    private readonly Option<bool> _human = new("--human") { Arity = ArgumentArity.Zero, Description = "I am a person; the partner sees it as HUMAN" };

    public RoomSayCommand()
        : base(
            "say",
            "Speak as a person from an agent's seat, for instance to resume a paused room",
            new Example("parley room say --human \"Now do the same for the second file. [OVER]\"", "the partner goes on with it"))
    {
        Add(_message);
        Add(_human);
        OnSeat(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, RoomAtWork room, CancellationToken cancellationToken)
    {
        if (!parsed.GetValue(_human))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "This command is for people: add --human. Agents use parley room send.");
        }

        var text = await ReadMessageAsync(context, parsed.GetValue(_message), cancellationToken);
        await RoomSendCommand.SayAsync(context, room, text, isHuman: true, cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(new DoneJson(room.Session.Name, "delivered"), RoomJson.Compact.DoneJson));
        }
        else
        {
            context.Terminal.WriteLine("DELIVERED");
        }

        return 0;
    }
}
