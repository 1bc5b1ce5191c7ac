using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Parley.Hub.Rooms;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary><c>POST /file</c> and <c>GET /file/{n}</c>: files of a room, in memory.</summary>
internal sealed class RoomFileEndpoints(RoomService rooms, IOptions<RoomOptions> options)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/file", RoomErrors.Around(PutAsync)).AllowGuests();
        routes.MapGet("/file/{n}", RoomErrors.Around(GetAsync)).AllowGuests();
    }

    private async Task PutAsync(HttpContext context)
    {
        var token = RoomEndpoints.TokenOf(context);
        rooms.RequireSeat(token);
        await rooms.PaceSendAsync(token, context.RequestAborted);

        // The server's own limit is lower, and a compressed body may be a little longer than what is in it.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = options.Value.MaxFileBytes + (1024L * 1024);
        var content = await RoomBodies.ReadBytesAsync(context, options.Value.MaxFileBytes);
        if (content.Length == 0)
        {
            await RoomErrors.WriteAsync(context, "File body required", StatusCodes.Status400BadRequest);
            return;
        }

        var file = rooms.PutFile(token, context.Request.Query["name"].ToString(), content);
        await RoomWire.WriteJsonAsync(context, json =>
        {
            json.WriteNumber("file", file.Number);
            json.WriteString("name", file.Name);
            json.WriteNumber("size", file.Content.Length);
        });
    }

    private async Task GetAsync(HttpContext context)
    {
        var token = RoomEndpoints.TokenOf(context);
        var number = int.TryParse((string?)context.Request.RouteValues["n"], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        var file = rooms.GetFile(token, number);
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file.Name}\"";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (await RoomWire.DeliverAsync(context, file.Content.Bytes, "application/octet-stream"))
        {
            rooms.ConfirmFile(token, file);
        }
    }
}
