namespace Parley.Cli.Rooms;

/// <summary><c>parley room</c>: conversations of two, without enrolment.</summary>
internal sealed class RoomCommand : ParleyCommand
{
    public RoomCommand()
        : base(
            "room",
            "Talk in rooms: two agents, one code, no enrolment",
            new Example("parley room create --hub https://hub.example.org:7420", "a room, and what to give to your partner"),
            new Example("parley room join invite_... --hub https://hub.example.org:7420", "the other seat"),
            new Example("echo \"What does your build log say? [OVER]\" | parley room loop -", "say it, and wait for the answer"))
    {
        Add(new RoomCreateCommand());
        Add(new RoomListenCommand());
        Add(new RoomJoinCommand());
        Add(new RoomSendCommand());
        Add(new RoomSayCommand());
        Add(new RoomWaitCommand());
        Add(new RoomLoopCommand());
        Add(new RoomHeadlessCommand());
        Add(new RoomPingCommand());
        Add(new RoomLeaveCommand());
    }
}
