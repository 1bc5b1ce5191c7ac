namespace Parley.Client.Rooms;

/// <summary>What a message says about who speaks next.</summary>
public enum RoomTurn
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>[OVER]</c>: your turn.</summary>
    Over,

    /// <summary><c>[STANDBY]</c>: my part is done until a person asks for more.</summary>
    Standby,
}

/// <summary>The markers of turns.</summary>
public static class RoomTurns
{
    /// <summary>Ends a message that wants an answer.</summary>
    public const string Over = "[OVER]";

    /// <summary>Ends a message that wants none.</summary>
    public const string Standby = "[STANDBY]";

    /// <summary>The marker; nothing for none.</summary>
    public static string MarkerOf(RoomTurn turn) => turn switch { RoomTurn.Over => Over, RoomTurn.Standby => Standby, _ => string.Empty };

    /// <summary>The turn that a text ends with, as the hub reads it: in any case, with white space behind.</summary>
    public static RoomTurn Of(string text)
    {
        var end = text.AsSpan().TrimEnd();
        return end.EndsWith(Over, StringComparison.OrdinalIgnoreCase) ? RoomTurn.Over
            : end.EndsWith(Standby, StringComparison.OrdinalIgnoreCase) ? RoomTurn.Standby
            : RoomTurn.None;
    }

    /// <summary>The text with a marker at its end: its own, or else this one.</summary>
    public static string Ensure(string text, RoomTurn turn) => Of(text) == RoomTurn.None ? $"{text} {MarkerOf(turn)}" : text;
}
