using System.CommandLine;
using System.Text;
using Parley.Cli.A2a;
using Parley.Client.Rooms;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary>A command for a seat that was taken earlier: finds the session and opens the way to its hub.</summary>
internal abstract class RoomSessionCommand : ParleyCommand
{
    /// <summary><c>--session</c>.</summary>
    public static Option<string?> SessionOption { get; } =
        new("--session") { HelpName = "NAME", Description = "Which session: its name, or the path of its folder [default: the only one]" };

    /// <summary>Describes the command.</summary>
    protected RoomSessionCommand(string name, string description, params Example[] examples)
        : base(name, description, examples)
    {
        Add(SessionOption);
        Add(CommonOptions.Json);
    }

    /// <summary>Says what is done with the seat.</summary>
    protected void OnSeat(Func<CommandContext, ParseResult, RoomAtWork, CancellationToken, Task<int>> run) => OnRun(async (context, parsed, cancellationToken) =>
    {
        var session = new SessionStore(context.OpenHome(), context.Time).Find(parsed.GetValue(SessionOption));
        var token = session.ReadToken();
        await using var door = await RoomDoors.OpenAsync(context, session.Hub, cancellationToken);
        return await run(context, parsed, new RoomAtWork(session, token, door), cancellationToken);
    });

    /// <summary>A message from an argument, or from standard input for <c>-</c> and for none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: none, and a terminal as standard input; or it is no UTF-8.</exception>
    protected static async Task<string> ReadMessageAsync(CommandContext context, string? text, CancellationToken cancellationToken)
    {
        if (text is not null and not "-")
        {
            return text;
        }

        if (text is null && context.Terminal.Traits.IsInputTerminal)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "There is no MESSAGE, and standard input is a terminal.");
        }

        using var reader = new StreamReader(new BoundedStream(context.Terminal.Input, RoomMessage.MaxBytes + 2), new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return (await reader.ReadToEndAsync(cancellationToken)).TrimEnd('\r', '\n');
        }
        catch (DecoderFallbackException exception)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The message is not UTF-8 text; files go by parley a2a send --file.", exception);
        }
    }
}

/// <summary>A seat and the way to it.</summary>
/// <param name="Session">Where it is kept.</param>
/// <param name="Token">What proves it.</param>
/// <param name="Door">The way to the hub.</param>
internal sealed record RoomAtWork(SavedSession Session, string Token, IRoomDoor Door)
{
    /// <summary>The session's name; secrets are not printed.</summary>
    public override string ToString() => $"RoomAtWork({Session.Name})";
}
