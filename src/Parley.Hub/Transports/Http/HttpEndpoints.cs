using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Hub.Identity;
using Parley.Hub.Rooms;
using Parley.Hub.Telemetry;
using Parley.Hub.Transports.Grpc.A2a;
using Parley.Hub.Transports.Http.A2a;
using Parley.Hub.Transports.Http.Cards;
using Parley.Hub.Transports.Http.Events;
using Parley.Hub.Transports.Http.Mcp;
using Parley.Hub.Transports.Http.OpenAi;
using Parley.Hub.Transports.Http.Pages;
using Parley.Hub.Transports.Http.Rooms;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Hub.Transports.Http;

/// <summary>The HTTP doors: what stands around all routes, and one line for each group of routes.</summary>
internal static class HttpEndpoints
{
    /// <summary>Puts refusals and authentication around the routes; routing comes before it, the endpoints after it.</summary>
    public static void UseHttp(this WebApplication application)
    {
        application.Use(application.Services.GetRequiredService<ApiErrors>().InvokeAsync);
        application.Use(application.Services.GetRequiredService<CrossOrigin>().InvokeAsync);
        application.UseRouting();
        application.Use(application.Services.GetRequiredService<BearerAuthentication>().InvokeAsync);
    }

    /// <summary>Maps all routes but the link's.</summary>
    public static void MapHttp(this IEndpointRouteBuilder routes)
    {
        // Made now, so that the meters are watched from the first request on.
        var exporter = routes.ServiceProvider.GetRequiredService<PrometheusExporter>();
        var rooms = routes.ServiceProvider.GetRequiredService<RoomService>();
        RoomMetrics.AddTo(routes.ServiceProvider.GetRequiredService<HubMetrics>(), rooms);
        var readiness = routes.ServiceProvider.GetRequiredService<Readiness>();
        var store = routes.ServiceProvider.GetRequiredService<SqliteStore>();
        routes.MapGet("/health", context => WriteJsonAsync(context, "{\"status\":\"ok\"}")).AllowGuests();
        routes.MapGet("/ready", context =>
        {
            var status = !readiness.IsReady || rooms.IsDraining ? "draining" : store.IsFailing ? "store" : "ready";
            context.Response.StatusCode = status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            return WriteJsonAsync(context, $"{{\"status\":\"{status}\"}}");
        }).AllowGuests();
        routes.MapGet("/metrics", context => MetricsAsync(exporter, context)).RequireRole(Role.Admin, ApiScopes.Admin);
        EnrolEndpoint.Map(routes);
        routes.MapOperations();
        routes.ServiceProvider.GetRequiredService<EventEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<StateEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<CardEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<RoomEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<RoomFileEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<RoomAdminEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<A2aEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<A2aGrpcEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<OpenAiEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<McpEndpoints>().Map(routes);
        routes.ServiceProvider.GetRequiredService<PageEndpoints>().Map(routes);
    }

    /// <summary>Answers what no route takes, in the shape of every refusal; gRPC calls have their own answer.</summary>
    public static void UseUnknownRoutes(this IApplicationBuilder application) => application.Use((context, next) =>
        context.GetEndpoint() is not null || context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true
            ? next(context)
            : throw new ParleyException(ErrorCode.NotFound, "There is nothing here."));

    private static Task MetricsAsync(PrometheusExporter exporter, HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(exporter.Collect(), context.RequestAborted);
    }

    private static Task WriteJsonAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }
}
