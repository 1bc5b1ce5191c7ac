using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Parley.Hub.Pages;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http.Pages;

/// <summary>Serves the page at <c>/p2p</c>, and says whether a request comes from it.</summary>
/// <param name="options">Whether there is a page, and the hub's public address.</param>
/// <param name="hosts">Names of the hub.</param>
internal sealed class PageEndpoints(HubOptions options, HostFilter hosts)
{
    private const string Route = "/p2p";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Maps the page and its files, unless the operator turned it off.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        if (!options.Visitors.IsPageServed)
        {
            return;
        }

        routes.MapGet(Route, context => SendAsync(context, PageFiles.Index)).AllowGuests();
        routes.MapGet(Route + "/{**file}", context => SendAsync(context, (string)context.GetRouteValue("file")!)).AllowGuests();
    }

    /// <summary>Whether a request that names an origin is of the hub's own page.</summary>
    public bool IsOwn(HttpContext context) =>
        options.Visitors.IsPageServed && IsHostOurs(context) && context.Request.Headers.Origin is [{ } origin] &&
        PageOrigin.IsOwn(origin, context.Request.Scheme, context.Request.Host.Value ?? string.Empty, options.PublicUrl);

    // Somebody else's name that points here would make their page ours.
    private bool IsHostOurs(HttpContext context) => hosts.Allows(context.Request.Host.Host) || TrustedProxies.IsHostForwarded(context);

    private Task SendAsync(HttpContext context, string name)
    {
        if (!IsHostOurs(context))
        {
            throw new ParleyException(ErrorCode.NotFound, "This hub does not answer to that host name.");
        }

        var file = PageFiles.Find(name) ?? throw new ParleyException(ErrorCode.NotFound, "There is nothing here.");
        var headers = context.Response.Headers;
        headers.ContentType = file.Type;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self), geolocation=()";
        context.Response.ContentLength = file.Bytes.Length;
        return context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted).AsTask();
    }
}
