using System.CommandLine;
using Parley.Protocol.Formats;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room wait</c>: the next thing in the seat's inbox, whatever it is.</summary>
internal sealed class RoomWaitCommand : RoomSessionCommand
{
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "110s", Description = "Give up after this, up to 30d, exit code 5" };

    public RoomWaitCommand()
        : base(
            "wait",
            "Wait for the next message or notice",
            new Example("parley room wait", "as the hub gives it"),
            new Example("parley room wait --timeout 20m --json", "for a program"))
    {
        Add(_timeout);
        OnSeat((context, parsed, room, cancellationToken) =>
            RoomWaiting.RunAsync(context, room, DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name), _ => true, cancellationToken));
    }
}
