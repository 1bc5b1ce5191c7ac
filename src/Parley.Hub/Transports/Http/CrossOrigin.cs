using Microsoft.AspNetCore.Http;

namespace Parley.Hub.Transports.Http;

/// <summary>Lets scripts of web pages that the operator named call the routes below <c>/v1</c>. They still need a key; cookies play no part.</summary>
internal sealed class CrossOrigin(HubOptions options)
{
    private const string Routes = "/v1";
    private const string Any = "*";
    private const string Day = "86400";

    private readonly HashSet<string> _origins = new(options.CorsOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Answers preflights, and marks answers that a page may read. Stands before authentication, since a preflight carries no key.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (_origins.Count == 0 || origin.Length == 0 || !context.Request.Path.StartsWithSegments(Routes) || !(_origins.Contains(Any) || _origins.Contains(origin)))
        {
            return next(context);
        }

        // A refusal clears what was set before.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.AccessControlAllowOrigin = _origins.Contains(Any) ? Any : origin;
            context.Response.Headers.AccessControlExposeHeaders = "x-request-id, x-parley-thread, retry-after";
            context.Response.Headers.Append("Vary", "Origin");
            return Task.CompletedTask;
        });
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.AccessControlAllowMethods = "GET, POST, DELETE";
        context.Response.Headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        context.Response.Headers.AccessControlMaxAge = Day;
        return Task.CompletedTask;
    }
}
