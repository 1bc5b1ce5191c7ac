using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Parley.Hub.Transports.Http;

/// <summary>The HTTP doors, one line for each group of routes.</summary>
internal static class HttpEndpoints
{
    /// <summary>Maps all.</summary>
    public static void MapHttp(this IEndpointRouteBuilder routes)
    {
        var life = routes.ServiceProvider.GetRequiredService<HubLife>();
        routes.MapGet("/health", () => Results.Text("{\"status\":\"ok\"}", "application/json"));
        routes.MapGet("/ready", () => life.IsReady
            ? Results.Text("{\"status\":\"ready\"}", "application/json")
            : Results.Text("{\"status\":\"draining\"}", "application/json", statusCode: StatusCodes.Status503ServiceUnavailable));
    }
}
