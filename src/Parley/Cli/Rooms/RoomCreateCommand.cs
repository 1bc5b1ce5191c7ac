using System.CommandLine;
using Parley.Client.Rooms;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room create</c>: a room, with the host's seat and an invite for the joiner.</summary>
internal sealed class RoomCreateCommand : ParleyCommand
{
    private const string DefaultName = "host";

    private readonly RoomHubOptions _hub = new();
    private readonly Option<bool?> _headless = new("--headless") { HelpName = "true|false", Description = "Tell the agents to ask nobody [default: asked on a terminal, else false]" };
    private readonly Option<bool> _again = new("--again") { Description = "A fresh invite for the room of --session, when its joiner is lost" };

    public RoomCreateCommand()
        : base(
            "create",
            "Make a room and print what your partner needs to join",
            new Example("parley room create --hub https://hub.example.org:7420", "as host"),
            new Example("parley room create --session review --headless --json", "under a name of its own; nobody is asked"),
            new Example("parley room create --again --session host", "a fresh invite for the same room"))
    {
        _hub.AddTo(this);
        foreach (var option in new Option[] { _headless, _again, RoomSessionCommand.SessionOption, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(RoomSessionCommand.SessionOption);
        if (parsed.GetValue(_again))
        {
            return await InviteAgainAsync(context, name, cancellationToken);
        }

        var hub = _hub.Resolve(context, parsed);
        var isHeadless = parsed.GetValue(_headless) ?? await context.Terminal.ConfirmAsync("Shall the agents work without asking anybody (headless)?", cancellationToken);
        return await RoomSeating.TakeAsync(
            context, hub, "host", name, DefaultName, door => door.OpenAsync(isListener: false, isHeadless, null, cancellationToken), cancellationToken);
    }

    private static async Task<int> InviteAgainAsync(CommandContext context, string? name, CancellationToken cancellationToken)
    {
        var session = new SessionStore(context.OpenHome(), context.Time).Find(name);
        await using var door = await RoomDoors.OpenAsync(context, session.Hub, cancellationToken);
        var seat = await door.OpenAsync(isListener: false, session.Facts.Headless, session.ReadToken(), cancellationToken);
        session.WriteToken(seat.Token);
        session.Update(facts => facts with { Code = seat.Code, Status = SessionStatus.WaitingForJoin });
        RoomSeating.Print(context, session, seat);
        return 0;
    }
}
