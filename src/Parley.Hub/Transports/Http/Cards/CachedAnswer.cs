using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Parley.Hub.AgentApi.Cards;

namespace Parley.Hub.Transports.Http.Cards;

/// <summary>Answers with a text that callers may keep for a while and ask for again under a condition (RFC 9110, section 13).</summary>
internal static class CachedAnswer
{
    /// <summary>How long a card or a catalog may be kept: what was changed or hidden is gone from caches after this.</summary>
    public static readonly TimeSpan CardAge = TimeSpan.FromMinutes(1);

    /// <summary>How long the key set may be kept.</summary>
    public static readonly TimeSpan KeyAge = TimeSpan.FromHours(1);

    /// <summary>Writes the text, or says that the caller has it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="text">The text and its mark.</param>
    /// <param name="changedAt">When it came to be; null where nobody knows.</param>
    /// <param name="age">How long it may be kept.</param>
    /// <param name="isForAll">Whether everybody gets the same: then caches between may keep it too.</param>
    public static async Task WriteAsync(HttpContext context, CardText text, DateTimeOffset? changedAt, TimeSpan age, bool isForAll)
    {
        var headers = context.Response.GetTypedHeaders();
        headers.CacheControl = new CacheControlHeaderValue { MaxAge = age, Public = isForAll, Private = !isForAll };
        headers.ETag = new EntityTagHeaderValue(text.Tag);
        headers.LastModified = changedAt;
        context.Response.Headers.Vary = "A2A-Version, Authorization";
        if (IsKnown(context.Request, text.Tag, changedAt))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = text.Bytes.Length;
        await context.Response.Body.WriteAsync(text.Bytes, context.RequestAborted);
    }

    // A tag says more than a time: with one, the time is not looked at.
    private static bool IsKnown(HttpRequest request, string tag, DateTimeOffset? changedAt)
    {
        var headers = request.GetTypedHeaders();
        if (headers.IfNoneMatch is { Count: > 0 } tags)
        {
            return tags.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Tag == tag);
        }

        return changedAt is { } time && headers.IfModifiedSince is { } since && time.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }
}
