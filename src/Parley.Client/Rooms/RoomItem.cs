namespace Parley.Client.Rooms;

/// <summary>One thing that a wait gave: a message of the partner, or one of the hub's own lines.</summary>
/// <param name="Notice">What the hub's line says; none for a message.</param>
/// <param name="From">Who wrote a message, <c>Agent-1a2b</c>; empty for a notice.</param>
/// <param name="IsHuman">Whether a person wrote it, from the partner's seat.</param>
/// <param name="Turn">The marker that it ended with.</param>
/// <param name="Text">The text without its marker, or the hub's line.</param>
public sealed record RoomItem(RoomNotice Notice, string From, bool IsHuman, RoomTurn Turn, string Text)
{
    /// <summary>Whether it is a message.</summary>
    public bool IsMessage => Notice == RoomNotice.None;

    /// <summary>Whether nothing more will be said in this room.</summary>
    public bool EndsRoom => RoomNotices.EndsRoom(Notice);

    /// <summary>A message.</summary>
    public static RoomItem Message(string from, bool isHuman, RoomTurn turn, string text) => new(RoomNotice.None, from, isHuman, turn, text);

    /// <summary>One of the hub's lines.</summary>
    public static RoomItem Line(string text) => new(RoomNotices.Read(text), string.Empty, false, RoomTurn.None, text);

    /// <summary>What it is, and how long; content is not printed.</summary>
    public override string ToString() => $"RoomItem({(IsMessage ? "message" : Notice)}, {Text.Length} chars)";
}
