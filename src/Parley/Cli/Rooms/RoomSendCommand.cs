using System.CommandLine;
using System.Text.Json;
using Parley.Client.Rooms;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room send</c>: says something to the partner.</summary>
internal sealed class RoomSendCommand : RoomSessionCommand
{
    private readonly Argument<string?> _message = new("MESSAGE") { HelpName = "MESSAGE|-", Arity = ArgumentArity.ZeroOrOne, Description = "The text; - or nothing reads it from standard input" };
    private readonly Option<bool> _over = new("--over") { Arity = ArgumentArity.Zero, Description = "End it with [OVER]: the partner's turn" };
    private readonly Option<bool> _standby = new("--standby") { Arity = ArgumentArity.Zero, Description = "End it with [STANDBY]: no answer needed" };

    public RoomSendCommand()
        : base(
            "send",
            "Say something to your partner",
            new Example("parley room send \"What does your build log say? [OVER]\"", "your partner's turn"),
            new Example("git diff | parley room send --over", "a long text on standard input"))
    {
        Add(_message);
        Add(_over);
        Add(_standby);
        OnSeat(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, RoomAtWork room, CancellationToken cancellationToken)
    {
        var (isOver, isStandby) = (parsed.GetValue(_over), parsed.GetValue(_standby));
        if (isOver && isStandby)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A message ends with --over or with --standby.");
        }

        var text = await ReadMessageAsync(context, parsed.GetValue(_message), cancellationToken);
        await SayAsync(context, room, Mark(text, isOver, isStandby), isHuman: false, cancellationToken);
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

    /// <summary>Sends; once more when the answer was lost on the way, since the message's id keeps it from being said twice.</summary>
    internal static async Task SayAsync(CommandContext context, RoomAtWork room, string text, bool isHuman, CancellationToken cancellationToken)
    {
        var message = RoomMessage.Of(text, isHuman, context.FillRandom);
        try
        {
            await room.Door.SendAsync(room.Token, message, cancellationToken);
        }
        catch (ParleyException refusal) when (refusal.Code == ErrorCode.HubUnreachable)
        {
            await Task.Delay(RoomRetry.DelayAfter(refusal, 0, context.FillRandom), context.Time, cancellationToken);
            await room.Door.SendAsync(room.Token, message, cancellationToken);
        }
    }

    private static string Mark(string text, bool isOver, bool isStandby) => text.Length == 0 ? text
        : isOver ? RoomTurns.Ensure(text, RoomTurn.Over)
        : isStandby ? RoomTurns.Ensure(text, RoomTurn.Standby)
        : text;
}
