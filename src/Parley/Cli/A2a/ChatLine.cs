using Parley.Protocol.Errors;

namespace Parley.Cli.A2a;

/// <summary>What a person typed into a chat.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Text">The message, or the path of a file.</param>
internal readonly record struct ChatLine(ChatLineKind Kind, string Text)
{
    /// <summary>What may be typed, in one line.</summary>
    public const string Help = "/file PATH sends a file, /quit leaves, // begins a message with a slash; Ctrl-C stops what runs, then leaves";

    /// <summary>Reads a line.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no such command.</exception>
    public static ChatLine Read(string line)
    {
        if (line.StartsWith("//", StringComparison.Ordinal))
        {
            return new ChatLine(ChatLineKind.Message, line[1..]);
        }

        if (!line.StartsWith('/'))
        {
            return string.IsNullOrWhiteSpace(line) ? new ChatLine(ChatLineKind.Nothing, string.Empty) : new ChatLine(ChatLineKind.Message, line);
        }

        var (word, rest) = line.Split(' ', 2, StringSplitOptions.TrimEntries) is [var first, var second] ? (first, second) : (line.Trim(), string.Empty);
        return (word, rest.Length > 0) switch
        {
            ("/quit", false) => new ChatLine(ChatLineKind.Quit, string.Empty),
            ("/help", false) => new ChatLine(ChatLineKind.Help, string.Empty),
            ("/file", true) => new ChatLine(ChatLineKind.File, rest),
            _ => throw new ParleyException(ErrorCode.InvalidArgument, $"A chat does not know {word} so: {Help}."),
        };
    }
}

/// <summary>What a line of a chat asks for.</summary>
internal enum ChatLineKind
{
    /// <summary>An empty line.</summary>
    Nothing,

    /// <summary>Something to say.</summary>
    Message,

    /// <summary>A file to send.</summary>
    File,

    /// <summary>What may be typed.</summary>
    Help,

    /// <summary>The end.</summary>
    Quit,
}
