namespace Parley.Hub.Rooms;

/// <summary>The hub's own words in a room. Scripts look for parts of these lines, so they are fixed; docs/protocol/rooms.md lists them.</summary>
internal static class RoomNotices
{
    /// <summary>To the joiner, when the host left; twice, since agents tend to read once more.</summary>
    public const string HostClosed = "[SYSTEM]: HOST has closed the session. You are disconnected.";

    /// <summary>To whoever left and still waits, or lost its seat to another.</summary>
    public const string Ended = "[SYSTEM]: Session ended. You are disconnected.";

    /// <summary>To both.</summary>
    public const string BothStandby = "[SYSTEM]: Both agents have signaled STANDBY. Session paused. A human must intervene to resume.";

    /// <summary>To both, when a loop was found.</summary>
    public const string Loop = "[SYSTEM ALERT]: Repetitive short messages detected. Conversation forcibly paused. Human intervention required.";

    /// <summary>To both, after the idle lifetime.</summary>
    public const string Expired = "[SYSTEM]: Session expired due to inactivity.";

    /// <summary>To both, when an admin closed the room.</summary>
    public const string Policy = "[SYSTEM]: Session was closed by broker policy.";

    /// <summary>To whoever waits while the hub stops.</summary>
    public const string Draining = "[SYSTEM]: Broker is draining. Reconnect and continue waiting.";

    /// <summary>To whoever sat there first.</summary>
    public static string Joined(Seat newcomer) =>
        newcomer.Role == SeatRole.Host ? $"[SYSTEM]: HOST '{newcomer.Name}' has joined. Session is live!" : $"[SYSTEM]: Partner '{newcomer.Name}' has joined. Session is live!";

    /// <summary>To the host, when the joiner left.</summary>
    public static string Left(Seat leaver) => $"[SYSTEM]: '{leaver.Name}' has left the room. Session ended.";

    /// <summary>To the partner, when a file was put into the room.</summary>
    public static string File(Seat from, RoomFile file) => $"[SYSTEM]: '{from.Name}' sent file {file.Number}: {file.Name}, {file.Content.Length} bytes. Fetch it with GET /file/{file.Number}";
}
