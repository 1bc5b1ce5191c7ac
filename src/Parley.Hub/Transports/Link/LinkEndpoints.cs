using System.Net.WebSockets;
using Parley.Hub.Identity.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Hub.Transports.Grpc;
using Parley.Hub.Transports.Http;
using Parley.Hub.Transports.Http.Pages;
using Parley.Protocol.Link;

namespace Parley.Hub.Transports.Link;

/// <summary>The two doors of the hub link and of relay circuits: gRPC, and WebSocket where HTTP/2 does not pass.</summary>
internal static class LinkEndpoints
{
    /// <summary>The gRPC method.</summary>
    public const string GrpcPath = "/parley.v1.Link/Connect";

    /// <summary>The WebSocket's path on the HTTP address.</summary>
    public const string WebSocketPath = "/api/link";

    /// <summary>The gRPC method of relay circuits.</summary>
    public const string RelayGrpcPath = "/parley.v1.Link/Relay";

    /// <summary>The same over a WebSocket.</summary>
    public const string RelayWebSocketPath = "/api/relay";

    private static readonly TimeSpan _closeTime = TimeSpan.FromSeconds(2);

    /// <summary>Maps the link, whose own handshake proves who calls, and relay circuits, which a ticket opens: each on both doors.</summary>
    public static void MapLink(this IEndpointRouteBuilder routes)
    {
        var pump = routes.ServiceProvider.GetRequiredService<LinkPump>();
        var relay = routes.ServiceProvider.GetRequiredService<RelayDoor>();
        var page = routes.ServiceProvider.GetRequiredService<PageEndpoints>();
        MapBoth(routes, GrpcPath, WebSocketPath, page.IsOwn, async (context, transport, cancellationToken) =>
        {
            ConnectionTicks.Begin(context);
            try
            {
                await pump.RunAsync(transport, cancellationToken);
            }
            finally
            {
                ConnectionTicks.End(context);
            }
        });
        MapBoth(routes, RelayGrpcPath, RelayWebSocketPath, static _ => false, (_, transport, cancellationToken) => relay.RunAsync(transport, cancellationToken));
    }

    private static void MapBoth(
        IEndpointRouteBuilder routes, string grpcPath, string webSocketPath, Func<HttpContext, bool> isOwnPage, Func<HttpContext, ILinkTransport, CancellationToken, Task> serve)
    {
        routes.MapGrpcDuplex(grpcPath, async call =>
        {
            await call.SendHeadersAsync(call.CancellationToken);
            await serve(call.HttpContext, new GrpcLinkTransport(call, ServedCertificate.KeyHashOf(call.HttpContext)), call.CancellationToken);
        }).AllowGuests();
        routes.Map(webSocketPath, context => AcceptAsync(serve, isOwnPage, context)).AllowGuests();
    }

    private static async Task AcceptAsync(Func<HttpContext, ILinkTransport, CancellationToken, Task> serve, Func<HttpContext, bool> isOwnPage, HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
            return;
        }

        // A page on some other site must not open links in its visitors' names; agents send no Origin.
        var isFromPage = context.Request.Headers.ContainsKey("Origin");
        if (isFromPage && !isOwnPage(context))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var transport = new WebSocketLinkTransport(new WebSocketPipe(socket), ServedCertificate.KeyHashOf(context), isFromPage, context.Abort);
        await serve(context, transport, context.RequestAborted);
        await CloseAsync(socket, context.RequestAborted);
    }

    /// <summary>Ends the stream in order, so that a client reads the goodbye before it: a reset would throw away what is on its way.</summary>
    private static async Task CloseAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_closeTime);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            }
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
            // The client is gone, or does not read.
        }
    }
}
