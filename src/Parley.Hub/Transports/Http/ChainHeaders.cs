using System.Globalization;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Connections.Webhooks;

namespace Parley.Hub.Transports.Http;

/// <summary>The headers by which a chain of messages and events goes on over HTTP: those that came with a webhook, sent back with what follows from it.</summary>
internal static class ChainHeaders
{
    /// <summary>The members of the arguments that they are, <c>traceParent</c> and <c>hops</c>; headers that are none are left out.</summary>
    public static IEnumerable<(string Name, string Value)> Of(HttpContext context)
    {
        if (context.Request.Headers.TraceParent.ToString() is { Length: > 0 and <= 64 } trace)
        {
            yield return ("traceParent", trace);
        }

        if (Hops(context) is { } hops)
        {
            yield return ("hops", hops.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The hops that a caller tells; null for none.</summary>
    public static int? Hops(HttpContext context) =>
        int.TryParse(context.Request.Headers[WebhookRequest.HopsHeader].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var hops) ? hops : null;
}
