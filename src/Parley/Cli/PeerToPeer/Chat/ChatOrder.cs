using System.Globalization;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Cli.PeerToPeer.Chat;

/// <summary>What a person typed into a chat, or a program wrote.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Text">The words, or the path of a file.</param>
/// <param name="Number">The number of an offer.</param>
internal readonly record struct ChatOrder(ChatOrderKind Kind, string Text = "", long Number = 0)
{
    /// <summary>What may be typed, in one line.</summary>
    public const string Help = "/send FILE offers a file, /take N and /decline N answer an offer, /quit leaves, // begins a message with a slash";

    /// <summary>Reads a line that a person typed.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no such command.</exception>
    public static ChatOrder Read(string line)
    {
        if (line.StartsWith("//", StringComparison.Ordinal))
        {
            return new ChatOrder(ChatOrderKind.Say, line[1..]);
        }

        if (!line.StartsWith('/'))
        {
            return string.IsNullOrWhiteSpace(line) ? new ChatOrder(ChatOrderKind.Nothing) : new ChatOrder(ChatOrderKind.Say, line);
        }

        var (word, rest) = line.Split(' ', 2, StringSplitOptions.TrimEntries) is [var first, var second] ? (first, second) : (line.Trim(), string.Empty);
        return (word, rest.Length > 0) switch
        {
            ("/quit", false) => new ChatOrder(ChatOrderKind.Quit),
            ("/help", false) => new ChatOrder(ChatOrderKind.Help),
            ("/send", true) => new ChatOrder(ChatOrderKind.Send, rest),
            ("/take", true) when IsNumber(rest, out var number) => new ChatOrder(ChatOrderKind.Take, Number: number),
            ("/decline", true) when IsNumber(rest, out var number) => new ChatOrder(ChatOrderKind.Decline, Number: number),
            _ => throw new ParleyException(ErrorCode.InvalidArgument, $"A chat does not know {word} so: {Help}."),
        };
    }

    /// <summary>Reads a line that a program wrote: <c>{"type":"message","text":"..."}</c>, <c>typing</c> with <c>on</c>, <c>send</c> with <c>path</c>, <c>take</c> and <c>decline</c> with <c>file</c>, <c>quit</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JsonInvalid"/>.</exception>
    public static ChatOrder ReadJson(string line)
    {
        ChatOrderJson? order = null;
        try
        {
            order = JsonSerializer.Deserialize(line, ChatJson.Default.ChatOrderJson);
        }
        catch (JsonException)
        {
            // Said below: the line may hold words.
        }

        return order switch
        {
            { Type: "message", Text: { } text } => new ChatOrder(ChatOrderKind.Say, text),
            { Type: "typing", On: { } isOn } => new ChatOrder(ChatOrderKind.Typing, Number: isOn ? 1 : 0),
            { Type: "send", Path: { } path } => new ChatOrder(ChatOrderKind.Send, path),
            { Type: "take", File: { } file } => new ChatOrder(ChatOrderKind.Take, Number: file),
            { Type: "decline", File: { } file } => new ChatOrder(ChatOrderKind.Decline, Number: file),
            { Type: "quit" } => new ChatOrder(ChatOrderKind.Quit),
            _ => throw new ParleyException(ErrorCode.JsonInvalid, "A line of standard input is no order of a chat: message, typing, send, take, decline or quit, as parley p2p chat --help shows."),
        };
    }

    private static bool IsNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

/// <summary>What a line of a chat asks for.</summary>
internal enum ChatOrderKind
{
    /// <summary>An empty line.</summary>
    Nothing,

    /// <summary>Something to say.</summary>
    Say,

    /// <summary>A file to offer.</summary>
    Send,

    /// <summary>An offer that is taken.</summary>
    Take,

    /// <summary>An offer that is not.</summary>
    Decline,

    /// <summary>A program says that its user types (1), or stopped (0).</summary>
    Typing,

    /// <summary>What may be typed.</summary>
    Help,

    /// <summary>The end.</summary>
    Quit,
}
