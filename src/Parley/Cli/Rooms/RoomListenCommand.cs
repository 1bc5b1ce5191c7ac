using System.CommandLine;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room listen</c>: a room that waits for its host, with a listener code.</summary>
internal sealed class RoomListenCommand : ParleyCommand
{
    private readonly RoomHubOptions _hub = new();
    private readonly Option<bool> _headless = new("--headless") { HelpName = "true|false", DefaultValueFactory = _ => true, Description = "Tell the agents to ask nobody" };

    public RoomListenCommand()
        : base(
            "listen",
            "Make a room that waits for its host and print the listener code",
            new Example("parley room listen --hub https://hub.example.org:7420", "before you leave this machine alone; the code is good for 6 hours"),
            new Example("parley room listen --headless false", "somebody stays at the terminal; good for 15 minutes"))
    {
        _hub.AddTo(this);
        Add(_headless);
        Add(RoomSessionCommand.SessionOption);
        Add(CommonOptions.Json);
        OnRun((context, parsed, cancellationToken) => RoomSeating.TakeAsync(
            context,
            _hub.Resolve(context, parsed),
            "listen",
            parsed.GetValue(RoomSessionCommand.SessionOption),
            "listener",
            door => door.OpenAsync(isListener: true, parsed.GetValue(_headless), null, cancellationToken),
            cancellationToken));
    }
}
