using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Client.Rooms;

/// <summary>Reads and writes the text in which a wait gives its item.</summary>
/// <remarks>
/// <code>
/// MESSAGE_RECEIVED                MESSAGE_RECEIVED
/// ┌─ Agent-1a2b [OVER]            [SYSTEM]: ...
/// │
/// │ first line
/// └────
/// </code>
/// Each line ends with LF. Lines of a message begin with <c>│ </c>, so no message can look like a notice or like the end of itself.
/// </remarks>
public static class RoomFrame
{
    /// <summary>The name under which a person speaks from an agent's seat.</summary>
    internal const string Human = "HUMAN";

    private const string Received = "MESSAGE_RECEIVED\n";
    private const string Timeout = "TIMEOUT:";
    private const string Head = "┌─ ";
    private const string Gap = "│\n";
    private const string LineStart = "│ ";
    private const string End = "└────\n";

    /// <summary>Reads the answer to a wait.</summary>
    /// <returns>Null when nothing came.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ProtocolViolation"/>: it is neither.</exception>
    public static RoomItem? Read(string text)
    {
        if (text.StartsWith(Timeout, StringComparison.Ordinal))
        {
            return null;
        }

        if (!text.StartsWith(Received, StringComparison.Ordinal))
        {
            throw Strange();
        }

        var rest = text.AsSpan(Received.Length);
        return rest.StartsWith(Head, StringComparison.Ordinal) ? ReadMessage(rest[Head.Length..]) : RoomItem.Line(rest.TrimEnd('\n').ToString());
    }

    /// <summary>Writes an item as a wait gives it.</summary>
    public static string Write(RoomItem item)
    {
        var text = new StringBuilder(Received, item.Text.Length + 128);
        if (!item.IsMessage)
        {
            return text.Append(item.Text).Append('\n').ToString();
        }

        text.Append(Head).Append(item.IsHuman ? Human : item.From);
        if (item.Turn != RoomTurn.None)
        {
            text.Append(' ').Append(RoomTurns.MarkerOf(item.Turn));
        }

        text.Append('\n').Append(Gap);
        foreach (var line in item.Text.AsSpan().Split('\n'))
        {
            text.Append(LineStart).Append(item.Text.AsSpan(line)).Append('\n');
        }

        return text.Append(End).ToString();
    }

    private static RoomItem ReadMessage(ReadOnlySpan<char> frame)
    {
        var headEnd = frame.IndexOf('\n');
        if (headEnd < 0 || !frame[(headEnd + 1)..].StartsWith(Gap, StringComparison.Ordinal) || !frame.EndsWith(End, StringComparison.Ordinal))
        {
            throw Strange();
        }

        var head = frame[..headEnd];
        var turn = RoomTurns.Of(head.ToString());
        var name = head[..^RoomTurns.MarkerOf(turn).Length].TrimEnd(' ').ToString();
        var body = frame[(headEnd + 1 + Gap.Length)..];
        if (body.Length <= End.Length)
        {
            throw Strange();
        }

        return RoomItem.Message(name, name == Human, turn, ReadBody(body[..^(End.Length + 1)]));
    }

    private static string ReadBody(ReadOnlySpan<char> lines)
    {
        var text = new StringBuilder(lines.Length);
        foreach (var range in lines.Split('\n'))
        {
            var line = lines[range];
            if (!line.StartsWith(LineStart, StringComparison.Ordinal))
            {
                throw Strange();
            }

            text.Append(line[LineStart.Length..]).Append('\n');
        }

        return text.ToString(0, text.Length - 1);
    }

    private static ParleyException Strange() => new(ErrorCode.ProtocolViolation, "What the hub answered to a wait is neither a message nor a notice.");
}
