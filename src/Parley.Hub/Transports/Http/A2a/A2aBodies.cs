using Microsoft.AspNetCore.Http;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.A2a;

/// <summary>Content types of A2A over HTTP, and its answers.</summary>
internal static class A2aBodies
{
    /// <summary>The content type of JSON.</summary>
    public const string Json = "application/json";

    /// <summary>The content type that 1.0 prefers on REST.</summary>
    public const string A2aJson = "application/a2a+json";

    private const string Identity = "identity";

    /// <summary>Whether the body may be read as JSON: its type says so, or nothing; and it is not compressed.</summary>
    public static bool IsJson(HttpContext context)
    {
        var type = MediaType(context.Request.ContentType);
        var coding = context.Request.Headers.ContentEncoding.ToString();
        return (type is "" or Json or A2aJson || type.EndsWith("+json", StringComparison.Ordinal) || type.StartsWith("application/json", StringComparison.Ordinal))
            && (coding.Length == 0 || coding.Equals(Identity, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What a body of another type is refused with.</summary>
    public static ParleyException NotJson() => new(ErrorCode.ContentTypeNotSupported, "The body must be application/json or application/a2a+json, and not compressed.");

    /// <summary>The content type of an answer: the one that the client sent, else the one that it prefers, else A2A's own.</summary>
    public static string AnswerType(HttpContext context)
    {
        var sent = MediaType(context.Request.ContentType);
        if (sent is Json or A2aJson)
        {
            return sent;
        }

        return context.Request.Headers.Accept.ToString().Split(',').Select(MediaType).FirstOrDefault(type => type is Json or A2aJson) ?? A2aJson;
    }

    /// <summary>Writes an answer whose status is set.</summary>
    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body, string type = Json)
    {
        var response = context.Response;
        response.ContentType = type;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static string MediaType(string? header) => (header ?? string.Empty).Split(';', 2)[0].Trim().ToLowerInvariant();
}
