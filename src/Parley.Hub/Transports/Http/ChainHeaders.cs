using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Hub.Connections.Webhooks;

namespace Parley.Hub.Transports.Http;

/// <summary>The headers by which a chain of messages and events goes on over HTTP: those that came with a webhook, sent back with what follows from it.</summary>
internal static class ChainHeaders
{
    /// <summary>Writes <c>traceParent</c> and <c>hops</c> as members of the arguments; headers that are none are left out.</summary>
    public static void Write(Utf8JsonWriter json, HttpContext context)
    {
        if (context.Request.Headers.TraceParent.ToString() is { Length: > 0 and <= 64 } trace)
        {
            json.WriteString("traceParent", trace);
        }

        if (Hops(context) is { } hops)
        {
            json.WriteNumber("hops", hops);
        }
    }

    /// <summary>The hops that a caller tells; null for none.</summary>
    public static int? Hops(HttpContext context) =>
        int.TryParse(context.Request.Headers[WebhookRequest.HopsHeader].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var hops) ? hops : null;
}
