namespace Parley.Client.Rooms;

/// <summary>What one of the hub's own lines in a room says; docs/protocol/rooms.md lists them.</summary>
public enum RoomNotice
{
    /// <summary>It is no notice.</summary>
    None,

    /// <summary>A line of a newer hub.</summary>
    Other,

    /// <summary>The partner has joined.</summary>
    Joined,

    /// <summary>The host closed the room.</summary>
    HostClosed,

    /// <summary>The joiner left; the host may invite again.</summary>
    PartnerLeft,

    /// <summary>This seat left, or was given to another.</summary>
    Ended,

    /// <summary>Nobody spoke for too long.</summary>
    Expired,

    /// <summary>An admin closed the room.</summary>
    Policy,

    /// <summary>Both sides said standby.</summary>
    BothStandby,

    /// <summary>A loop was found.</summary>
    Loop,

    /// <summary>The partner put in a file.</summary>
    File,

    /// <summary>The hub stops.</summary>
    Draining,
}

/// <summary>Reads the hub's lines.</summary>
public static class RoomNotices
{
    private const string System = "[SYSTEM]: ";

    /// <summary>What a line says. Names in it are the hub's own, so nothing that a partner wrote decides here.</summary>
    public static RoomNotice Read(string line) => line switch
    {
        _ when line.StartsWith("[SYSTEM ALERT]: ", StringComparison.Ordinal) => RoomNotice.Loop,
        _ when !line.StartsWith(System, StringComparison.Ordinal) => RoomNotice.Other,
        System + "HOST has closed the session. You are disconnected." => RoomNotice.HostClosed,
        System + "Session ended. You are disconnected." => RoomNotice.Ended,
        System + "Session expired due to inactivity." => RoomNotice.Expired,
        System + "Session was closed by broker policy." => RoomNotice.Policy,
        System + "Broker is draining. Reconnect and continue waiting." => RoomNotice.Draining,
        _ when line.StartsWith(System + "Both agents have signaled STANDBY.", StringComparison.Ordinal) => RoomNotice.BothStandby,
        _ when line.EndsWith("has joined. Session is live!", StringComparison.Ordinal) => RoomNotice.Joined,
        _ when line.EndsWith("has left the room. Session ended.", StringComparison.Ordinal) => RoomNotice.PartnerLeft,
        _ when line.Contains(" sent file ", StringComparison.Ordinal) => RoomNotice.File,
        _ => RoomNotice.Other,
    };

    /// <summary>Whether nothing will be said in this room any more, unless its host invites again.</summary>
    public static bool EndsRoom(RoomNotice notice) =>
        notice is RoomNotice.HostClosed or RoomNotice.PartnerLeft or RoomNotice.Ended or RoomNotice.Expired or RoomNotice.Policy;
}
