using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections;

/// <summary>The one rule for JSON that callers bring: each member of an object once (I-JSON, RFC 7493, section 2.3), since programs differ in which of two they read, and no deeper than every reader follows.</summary>
internal static class StrictJson
{
    /// <summary>Levels of objects and arrays.</summary>
    public const int MaxDepth = 32;

    /// <summary>How the hub reads such JSON.</summary>
    public static JsonDocumentOptions Options { get; } = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads JSON that keeps the rule.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <param name="what">What it is, for the refusal: <c>The request's body</c>.</param>
    /// <param name="code">The code of the refusal.</param>
    /// <exception cref="ParleyException">It does not.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, string what, ErrorCode code = ErrorCode.InvalidArgument)
    {
        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ParleyException(code, Explain(json, what) ?? $"{what} is no JSON.", exception);
        }
    }

    /// <summary>Why JSON was refused, in a sentence; null when it keeps the rule. Looked at once more, since a parser's own words are not for callers.</summary>
    public static string? Explain(ReadOnlyMemory<byte> json, string what)
    {
        try
        {
            if (!CanRead(json.Span, int.MaxValue))
            {
                return $"{what} is no JSON.";
            }

            if (!CanRead(json.Span, MaxDepth))
            {
                return $"{what} is nested deeper than {MaxDepth} levels.";
            }

            JsonDocument.Parse(json, Options).Dispose();
            return null;
        }
        catch (JsonException)
        {
            return $"{what} has an object with two members of one name (RFC 7493, section 2.3).";
        }
        catch (InvalidOperationException)
        {
            return $"{what} has text that is no Unicode.";
        }
    }

    // Token by token: a document of many levels takes its parser time that grows with their square.
    private static bool CanRead(ReadOnlySpan<byte> json, int depth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
