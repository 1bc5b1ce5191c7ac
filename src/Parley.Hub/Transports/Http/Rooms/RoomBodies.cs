using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Rooms;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>Reads the bodies of room requests: plain text in any known charset, JSON, bytes; compressed or not; never more than a limit.</summary>
internal static class RoomBodies
{
    private const string Text = "text/plain";
    private const string Json = "application/json";

    // Memory follows what comes, not what a header promises.
    private const int FirstBuffer = 16 * 1024;

    /// <summary>Whether the head of a request says that text follows.</summary>
    public static bool HasText(HttpContext context) => context.Request.ContentLength > 0 && MediaTypeOf(context.Request.ContentType).Type == Text;

    /// <summary>The text of a message; null when the body is empty or something else.</summary>
    public static async Task<string?> ReadTextAsync(HttpContext context, int limit)
    {
        var (type, charset) = MediaTypeOf(context.Request.ContentType);
        return type == Text && await ReadStringAsync(context, charset, limit) is { Length: > 0 } text ? text : null;
    }

    /// <summary>The JSON object of a request; null when there is none, or the content type says something else.</summary>
    /// <exception cref="BadHttpRequestException">It is no JSON object.</exception>
    public static async Task<JsonElement?> ReadJsonAsync(HttpContext context, int limit)
    {
        var (type, charset) = MediaTypeOf(context.Request.ContentType);
        if (type != Json)
        {
            return null;
        }

        if (charset?.StartsWith("utf", StringComparison.OrdinalIgnoreCase) == false)
        {
            throw UnknownCharset();
        }

        if (await ReadStringAsync(context, charset, limit) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? document.RootElement.Clone() : throw new JsonException();
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("Malformed JSON", StatusCodes.Status400BadRequest, exception);
        }
    }

    /// <summary>The bytes of a body.</summary>
    /// <exception cref="BadHttpRequestException">Too many, or compressed in an unknown way.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpContext context, int limit)
    {
        var coding = context.Request.Headers.ContentEncoding.ToString();
        var isPlain = coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase);
        if (isPlain && context.Request.ContentLength > limit)
        {
            throw TooLarge();
        }

        await using var stream = isPlain ? context.Request.Body : Unpack(context.Request.Body, coding);
        var most = isPlain ? (int)(context.Request.ContentLength ?? limit) : limit;
        var buffer = new byte[Math.Min(FirstBuffer, most)];
        var count = 0;
        try
        {
            while (true)
            {
                if (isPlain && count == context.Request.ContentLength)
                {
                    return buffer.AsMemory(0, count);
                }

                if (count == buffer.Length && !Grow(ref buffer, most))
                {
                    // One byte more is one too many; the end is what should come.
                    return await stream.ReadAsync(new byte[1], context.RequestAborted) == 0 ? buffer : throw TooLarge();
                }

                var read = await stream.ReadAsync(buffer.AsMemory(count), context.RequestAborted);
                if (read == 0)
                {
                    return buffer.AsMemory(0, count);
                }

                count += read;
            }
        }
        catch (InvalidDataException exception)
        {
            throw new BadHttpRequestException("Malformed body", StatusCodes.Status400BadRequest, exception);
        }
    }

    private static async Task<string> ReadStringAsync(HttpContext context, string? charset, int limit) =>
        Charsets.TryFind(charset, out var encoding) ? Charsets.Decode(encoding, (await ReadBytesAsync(context, limit)).Span) : throw UnknownCharset();

    private static bool Grow(ref byte[] buffer, int most)
    {
        if (buffer.Length >= most)
        {
            return false;
        }

        Array.Resize(ref buffer, (int)Math.Min(most, buffer.Length * 2L));
        return true;
    }

    private static Stream Unpack(Stream body, string coding) => coding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(body, CompressionMode.Decompress),
        "br" => new BrotliStream(body, CompressionMode.Decompress),
        _ => throw new BadHttpRequestException("Unsupported content encoding", StatusCodes.Status415UnsupportedMediaType),
    };

    // By hand: a parameter that is no good HTTP is passed over, as the scripts' server did.
    private static (string Type, string? Charset) MediaTypeOf(string? header)
    {
        var parts = (header ?? string.Empty).Split(';', StringSplitOptions.TrimEntries);
        var charset = parts.Skip(1).Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair.Length == 2 && pair[0].Equals("charset", StringComparison.OrdinalIgnoreCase))
            .Select(pair => pair[1].Trim('"')).FirstOrDefault();
        return (parts[0].ToLowerInvariant(), string.IsNullOrEmpty(charset) ? null : charset);
    }

    private static BadHttpRequestException UnknownCharset() => new("Unsupported charset", StatusCodes.Status415UnsupportedMediaType);

    private static BadHttpRequestException TooLarge() => new(RoomRefusals.TooLarge().Message, StatusCodes.Status413PayloadTooLarge);
}
