namespace Parley.Benchmarks.Frames;

/// <summary>What a NATS server says.</summary>
internal enum NatsFrameKind
{
    /// <summary>A message on a subscription.</summary>
    Message,

    /// <summary>The server asks for a PONG.</summary>
    Ping,

    /// <summary>The answer to our PING.</summary>
    Pong,

    /// <summary><c>-ERR</c>: <see cref="NatsFrame.Payload"/> is its text.</summary>
    Error,

    /// <summary>INFO and +OK, which need no action.</summary>
    Other,
}

/// <summary>One operation of the NATS client protocol, pointing into the input.</summary>
/// <remarks>
/// Text lines that end in CR LF: <c>MSG subject sid [reply-to] #bytes</c> + payload + CR LF, <c>PING</c>, <c>PONG</c>, <c>+OK</c>, <c>-ERR 'text'</c>, <c>INFO {json}</c>.
/// Limits: 64 KiB a line (INFO is the longest), 64 MiB a payload (the server's own ceiling).
/// </remarks>
internal ref struct NatsFrame
{
    private const int MaxLineBytes = 64 * 1024;
    private const int MaxPayloadBytes = 64 * 1024 * 1024;

    /// <summary>Which operation.</summary>
    public NatsFrameKind Kind;

    /// <summary>Number of the subscription, of a message.</summary>
    public int Sid;

    /// <summary>Where a message was sent to.</summary>
    public ReadOnlySpan<byte> Subject;

    /// <summary>Where its answer belongs; empty for none.</summary>
    public ReadOnlySpan<byte> ReplyTo;

    /// <summary>A message's content.</summary>
    public ReadOnlySpan<byte> Payload;

    /// <summary>Reads the operation at the front.</summary>
    /// <param name="input">Bytes received and not handled yet.</param>
    /// <param name="frame">The operation.</param>
    /// <param name="taken">Bytes it took.</param>
    /// <returns>False when more bytes are needed.</returns>
    /// <exception cref="InvalidDataException">This is not NATS.</exception>
    public static bool TryRead(ReadOnlySpan<byte> input, out NatsFrame frame, out int taken)
    {
        frame = default;
        taken = 0;
        var end = input.IndexOf((byte)'\n');
        if (end < 0)
        {
            return input.Length <= MaxLineBytes ? false : throw new InvalidDataException("A NATS line is too long.");
        }

        if (end == 0 || input[end - 1] != '\r')
        {
            throw new InvalidDataException("A NATS line ends in CR LF.");
        }

        var line = input[..(end - 1)];
        taken = end + 1;
        if (line.StartsWith("MSG "u8))
        {
            return TryReadMessage(line[4..], input, ref frame, ref taken);
        }

        frame.Kind = line switch
        {
            _ when line.SequenceEqual("PING"u8) => NatsFrameKind.Ping,
            _ when line.SequenceEqual("PONG"u8) => NatsFrameKind.Pong,
            _ when line.StartsWith("-ERR"u8) => NatsFrameKind.Error,
            _ when line.StartsWith("INFO "u8) || line.SequenceEqual("+OK"u8) => NatsFrameKind.Other,
            _ => throw new InvalidDataException("Unknown NATS operation."),
        };
        frame.Payload = line;
        return true;
    }

    private static bool TryReadMessage(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> input, ref NatsFrame frame, scoped ref int taken)
    {
        frame.Kind = NatsFrameKind.Message;
        frame.Subject = NextWord(ref rest);
        var sid = NextWord(ref rest);
        var third = NextWord(ref rest);
        var fourth = NextWord(ref rest);
        if (fourth.Length > 0)
        {
            frame.ReplyTo = third;
        }

        var size = ParseNumber(fourth.Length > 0 ? fourth : third);
        if (frame.Subject.IsEmpty || rest.Length > 0 || size > MaxPayloadBytes)
        {
            throw new InvalidDataException("Malformed NATS MSG line.");
        }

        frame.Sid = ParseNumber(sid);
        if (input.Length < taken + size + 2)
        {
            taken = 0;
            return false;
        }

        frame.Payload = input.Slice(taken, size);
        taken += size;
        if (input[taken] != '\r' || input[taken + 1] != '\n')
        {
            throw new InvalidDataException("A NATS payload ends in CR LF.");
        }

        taken += 2;
        return true;
    }

    private static ReadOnlySpan<byte> NextWord(scoped ref ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf((byte)' ');
        var word = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return word;
    }

    private static int ParseNumber(ReadOnlySpan<byte> digits) =>
        System.Buffers.Text.Utf8Parser.TryParse(digits, out int number, out var used) && used == digits.Length && number >= 0
            ? number
            : throw new InvalidDataException("A NATS MSG line needs numbers.");
}
