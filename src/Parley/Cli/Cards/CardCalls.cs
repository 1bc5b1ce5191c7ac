using System.Text.Json;
using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Cards;

/// <summary>The hub's operations on cards, over a link.</summary>
internal static class CardCalls
{
    // What the hub takes, and a little for the spaces that are not sent.
    private const int MaxFileBytes = 256 * 1024;

    /// <summary>A card as the hub serves it.</summary>
    public static Task<CardView> GetAsync(HubLink link, string? agent, CancellationToken cancellationToken) => CallAsync(link, "card.get", new CardArguments(agent), cancellationToken);

    /// <summary>Says what stands in the own card.</summary>
    public static Task<CardView> PutAsync(HubLink link, JsonElement card, CancellationToken cancellationToken) => CallAsync(link, "card.put", new CardArguments(null, card), cancellationToken);

    /// <summary>Lets the hub write the own card again.</summary>
    public static Task<CardView> ResetAsync(HubLink link, CancellationToken cancellationToken) => CallAsync(link, "card.reset", new CardArguments(), cancellationToken);

    /// <summary>Reads a card from a file.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it cannot be read, is too large, or is no JSON object.</exception>
    public static JsonElement ReadFile(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxFileBytes ? Parse(File.ReadAllText(file)) : throw new ParleyException(ErrorCode.InvalidArgument, $"{file} is too large for a card.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The card cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a card from text.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no JSON object.</exception>
    public static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException("A card is a JSON object.");
        }
        catch (JsonException exception)
        {
            var where = exception.LineNumber is { } line ? $" (line {line + 1})" : string.Empty;
            throw new ParleyException(ErrorCode.InvalidArgument, $"The card is no JSON object{where}.", exception);
        }
    }

    /// <summary>What to tell whoever sent a card, if there is something.</summary>
    public static IEnumerable<string> NotesOn(CardView view)
    {
        if (view.Ignored is { Count: > 0 } ignored)
        {
            yield return $"left out, since the hub speaks for them: {string.Join(", ", ignored)}";
        }

        if (!view.IsSigned)
        {
            yield return "the hub does not sign this card: it holds text beyond ASCII, or empty members, about which verifiers disagree";
        }
    }

    private static async Task<CardView> CallAsync(HubLink link, string operation, CardArguments arguments, CancellationToken cancellationToken)
    {
        using var answer = await link.CallAsync(operation, JsonSerializer.SerializeToUtf8Bytes(arguments, ManagementJson.Answers.CardArguments), cancellationToken);
        return answer.Deserialize(ManagementJson.Answers.ItemCardView)!.Data;
    }
}
