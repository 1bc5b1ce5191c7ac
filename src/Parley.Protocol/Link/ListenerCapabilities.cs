namespace Parley.Protocol.Link;

/// <summary>What a listener says in its hello that it can take or do beyond messages. The hub remembers the last listener's words while the agent is offline; words that it does not know are kept too.</summary>
public static class ListenerCapabilities
{
    /// <summary>Most words of one listener.</summary>
    public const int MaxCount = 32;

    /// <summary>Longest word in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>It takes the tools that a caller of an OpenAI door offers.</summary>
    public const string Tools = "tools";

    /// <summary>A program answers.</summary>
    public const string Program = "responder:exec";

    /// <summary>A language model answers.</summary>
    public const string Model = "responder:openai";

    /// <summary>A web service answers.</summary>
    public const string Service = "responder:http";

    /// <summary>What comes before the name of a tool that the agent uses, as the seed's card lists them.</summary>
    public const string ToolPrefix = "tool:";

    /// <summary>Whether a word may be kept: letters, digits and <c>._:-</c>.</summary>
    public static bool IsValid(string word) =>
        word.Length is > 0 and <= MaxLength && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or ':' or '-');
}
