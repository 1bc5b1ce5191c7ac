using System.Buffers.Text;

namespace Parley.Benchmarks.Frames;

/// <summary>What a Redis server says, as far as publish-subscribe needs it.</summary>
internal enum RespFrameKind
{
    /// <summary>A published message.</summary>
    Message,

    /// <summary>An error reply: <see cref="RespFrame.Payload"/> is its text.</summary>
    Error,

    /// <summary>Any other reply.</summary>
    Other,
}

/// <summary>One RESP3 value, pointing into the input.</summary>
/// <remarks>
/// Type byte, then a line that ends in CR LF: <c>+ - : _ # , (</c> are the line; <c>$ = !</c> a length and that many bytes + CR LF;
/// <c>* ~ &gt;</c> a count of values, <c>% |</c> a count of pairs. A push (<c>&gt;</c>) of <c>message</c>, channel, content is a published message.
/// Limits: 64 MiB a string, 1,024 elements, nesting 8.
/// </remarks>
internal ref struct RespFrame
{
    private const int MaxStringBytes = 64 * 1024 * 1024;
    private const int MaxLineBytes = 64 * 1024;
    private const int MaxElements = 1024;
    private const int MaxDepth = 8;

    /// <summary>Which value.</summary>
    public RespFrameKind Kind;

    /// <summary>Where a message was published.</summary>
    public ReadOnlySpan<byte> Channel;

    /// <summary>A message's content.</summary>
    public ReadOnlySpan<byte> Payload;

    /// <summary>Reads the value at the front.</summary>
    /// <param name="input">Bytes received and not handled yet.</param>
    /// <param name="frame">The value.</param>
    /// <param name="taken">Bytes it took.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="InvalidDataException">This is not RESP3.</exception>
    public static bool TryRead(ReadOnlySpan<byte> input, out RespFrame frame, out int taken)
    {
        frame = default;
        taken = 0;
        if (input.IsEmpty)
        {
            return false;
        }

        if (input[0] == '>')
        {
            return TryReadPush(input, ref frame, ref taken);
        }

        if (!TrySkip(input, ref taken, 0, out var content))
        {
            return false;
        }

        frame.Kind = input[0] is (byte)'-' or (byte)'!' ? RespFrameKind.Error : RespFrameKind.Other;
        frame.Payload = content;
        return true;
    }

    private static bool TryReadPush(ReadOnlySpan<byte> input, ref RespFrame frame, ref int taken)
    {
        var at = 0;
        if (!TryReadLine(input, ref at, out var line))
        {
            return false;
        }

        var count = ParseCount(line, MaxElements);
        ReadOnlySpan<byte> kind = default, channel = default, content = default;
        for (var i = 0; i < count; i++)
        {
            if (!TrySkip(input, ref at, 1, out var element))
            {
                return false;
            }

            kind = i == 0 ? element : kind;
            channel = i == 1 ? element : channel;
            content = i == 2 ? element : content;
        }

        var isMessage = count == 3 && kind.SequenceEqual("message"u8);
        frame.Kind = isMessage ? RespFrameKind.Message : RespFrameKind.Other;
        frame.Channel = channel;
        frame.Payload = content;
        taken = at;
        return true;
    }

    /// <summary>Moves past one value; gives the content of simple values and strings.</summary>
    private static bool TrySkip(ReadOnlySpan<byte> input, scoped ref int at, int depth, out ReadOnlySpan<byte> content)
    {
        content = default;
        var start = at;
        if (!TryReadLine(input, ref at, out var line))
        {
            return false;
        }

        switch ((char)input[start])
        {
            case '+' or '-' or ':' or '_' or '#' or ',' or '(':
                content = line;
                return true;
            case '$' or '=' or '!':
                return TryReadString(input, ref at, line, out content);
            case '*' or '~' or '>':
                return TrySkipMany(input, ref at, ParseCount(line, MaxElements), depth);
            case '%' or '|':
                return TrySkipMany(input, ref at, 2 * ParseCount(line, MaxElements), depth);
            default:
                throw new InvalidDataException("Unknown RESP type.");
        }
    }

    private static bool TryReadString(ReadOnlySpan<byte> input, scoped ref int at, ReadOnlySpan<byte> line, out ReadOnlySpan<byte> content)
    {
        content = default;
        var length = ParseCount(line, MaxStringBytes);
        if (input.Length < at + length + 2)
        {
            return false;
        }

        content = input.Slice(at, length);
        at += length + 2;
        return input[at - 2] == '\r' && input[at - 1] == '\n' ? true : throw new InvalidDataException("A RESP string ends in CR LF.");
    }

    private static bool TrySkipMany(ReadOnlySpan<byte> input, scoped ref int at, int count, int depth)
    {
        if (depth >= MaxDepth)
        {
            throw new InvalidDataException("RESP values are nested too deep.");
        }

        for (var i = 0; i < count; i++)
        {
            if (!TrySkip(input, ref at, depth + 1, out _))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> input, scoped ref int at, out ReadOnlySpan<byte> line)
    {
        line = default;
        var rest = input[at..];
        var end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            return rest.Length <= MaxLineBytes ? false : throw new InvalidDataException("A RESP line is too long.");
        }

        if (end < 2 || rest[end - 1] != '\r')
        {
            throw new InvalidDataException("A RESP line ends in CR LF.");
        }

        line = rest[1..(end - 1)];
        at += end + 1;
        return true;
    }

    private static int ParseCount(ReadOnlySpan<byte> digits, int limit) =>
        Utf8Parser.TryParse(digits, out int number, out var used) && used == digits.Length && number >= 0 && number <= limit
            ? number
            : throw new InvalidDataException("A RESP length is malformed or too large.");
}
