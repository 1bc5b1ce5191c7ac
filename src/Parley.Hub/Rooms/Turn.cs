namespace Parley.Hub.Rooms;

/// <summary>What a message says about who speaks next.</summary>
internal enum Turn
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>[OVER]</c>: your turn.</summary>
    Over,

    /// <summary><c>[STANDBY]</c>: I am done until a person asks for more.</summary>
    Standby,
}

/// <summary>Reads and names the markers of the walkie-talkie.</summary>
internal static class TurnMarker
{
    private const string Over = "[OVER]";
    private const string Standby = "[STANDBY]";

    /// <summary>Cuts one marker, in any case, and the white space around it off the end. Markers elsewhere are content: cutting them would damage code that quotes them.</summary>
    public static (Turn Turn, string Text) Read(string body)
    {
        var end = body.AsSpan()[..TrimmedLength(body)];
        var turn = end.EndsWith(Over, StringComparison.OrdinalIgnoreCase) ? Turn.Over
            : end.EndsWith(Standby, StringComparison.OrdinalIgnoreCase) ? Turn.Standby
            : Turn.None;
        return turn == Turn.None ? (turn, body) : (turn, body[..TrimmedLength(end[..^TextOf(turn).Length])]);
    }

    /// <summary>The marker; nothing for <see cref="Turn.None"/>.</summary>
    public static string TextOf(Turn turn) => turn switch { Turn.Over => Over, Turn.Standby => Standby, _ => string.Empty };

    private static int TrimmedLength(ReadOnlySpan<char> text)
    {
        var length = text.Length;
        while (length > 0 && IsSpace(text[length - 1]))
        {
            length--;
        }

        return length;
    }

    // White space as scripts know it: a stray byte order mark counts, "next line" does not.
    private static bool IsSpace(char character) => (char.IsWhiteSpace(character) && character != '\u0085') || character == '\uFEFF';
}
