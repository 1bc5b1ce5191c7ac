using System.CommandLine;
using Parley.Client.Rooms;
using Parley.Protocol.Formats;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room loop</c>: says something if there is something to say, and waits for the partner's word; one call per exchange.</summary>
internal sealed class RoomLoopCommand : RoomSessionCommand
{
    private readonly Argument<string?> _message = new("MESSAGE") { HelpName = "MESSAGE|-", Arity = ArgumentArity.ZeroOrOne, Description = "What to say first; - reads it from standard input; nothing: only wait" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "5m", Description = "Give up after this, up to 30d, exit code 5" };
    private readonly Option<bool> _showsJoin = new("--surface-join-notice") { Arity = ArgumentArity.Zero, Description = "Return also when the partner has joined" };

    public RoomLoopCommand()
        : base(
            "loop",
            "Say something and wait for your partner's word",
            new Example("parley room loop \"Please run the tests. [OVER]\"", "comes back with the answer"),
            new Example("parley room loop --timeout 1h", "only wait"))
    {
        Add(_message);
        Add(_timeout);
        Add(_showsJoin);
        OnSeat(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, RoomAtWork room, CancellationToken cancellationToken)
    {
        var limit = DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        if (parsed.GetValue(_message) is { } given)
        {
            var text = await ReadMessageAsync(context, given, cancellationToken);
            await RoomSendCommand.SayAsync(context, room, text, isHuman: false, cancellationToken);
        }

        return await RoomWaiting.RunAsync(context, room, limit, item => LoopFilter.Surfaces(item, parsed.GetValue(_showsJoin)), cancellationToken);
    }
}
