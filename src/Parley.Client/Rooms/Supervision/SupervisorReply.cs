using System.Text;

namespace Parley.Client.Rooms.Supervision;

/// <summary>Turns a runner's answer into what is sent: a marker at its end, and no longer than a room takes. Pure.</summary>
public static class SupervisorReply
{
    private const string Cut = "\n[cut: the answer was longer than a message may be]";

    /// <summary>The message.</summary>
    public static string Of(string answer)
    {
        var text = RoomTurns.Ensure(answer, RoomTurn.Over);
        if (Encoding.UTF8.GetByteCount(text) <= RoomMessage.MaxBytes)
        {
            return text;
        }

        var turn = RoomTurns.Of(text);
        var end = $"{Cut} {RoomTurns.MarkerOf(turn)}";
        return Shorten(answer, RoomMessage.MaxBytes - Encoding.UTF8.GetByteCount(end)) + end;
    }

    private static string Shorten(string text, int maxBytes)
    {
        var (bytes, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > maxBytes)
            {
                break;
            }

            bytes += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
