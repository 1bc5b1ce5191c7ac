using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Hub.Management;
using Parley.Hub.Rooms;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary><c>/admin/drain</c> and <c>/admin/invalidate</c>: for the hub's admin key, and for the token of the older servers' <c>ADMIN_TOKEN</c>. Without the latter they look absent.</summary>
internal sealed class RoomAdminEndpoints
{
    private const string TokenActor = "ADMIN_TOKEN";
    private const int MaxFailuresPerMinute = 30;
    private const int MaxRemembered = 10_000;
    private const int MaxBodyBytes = 64 * 1024;

    private readonly RoomService _rooms;
    private readonly DoneActs _acts;
    private readonly AdminKey _key;
    private readonly AdminKey? _token;
    private readonly RateLimiter _failures;

    /// <summary>The admin's door of one hub.</summary>
    public RoomAdminEndpoints(RoomService rooms, DoneActs acts, AdminKey key, IOptions<RoomOptions> options, TimeProvider time)
    {
        (_rooms, _acts, _key) = (rooms, acts, key);
        _token = options.Value.AdminToken is { } token ? AdminKey.Of(token) : null;
        _failures = new RateLimiter(MaxFailuresPerMinute, TimeSpan.FromMinutes(1), MaxRemembered, time);
    }

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/admin/drain", RoomErrors.Around(context => AsAdminAsync(context, DrainAsync))).AllowGuests();
        routes.MapPost("/admin/invalidate", RoomErrors.Around(context => AsAdminAsync(context, InvalidateAsync))).AllowGuests();
    }

    private Task AsAdminAsync(HttpContext context, Func<HttpContext, string, Task> handler)
    {
        var address = CallerAddress.Of(context);
        if (_failures.Peek(address) is { } wait)
        {
            throw RoomRefusals.TooMany("Too many requests. Try again later.", wait);
        }

        var secret = context.Request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..] : string.Empty;
        if (_key.Matches(secret))
        {
            return handler(context, Principal.Admin.Actor);
        }

        if (_token?.Matches(secret) == true)
        {
            return handler(context, TokenActor);
        }

        _failures.TryTake(address);
        return _token is null
            ? RoomErrors.WriteAsync(context, "Not found", StatusCodes.Status404NotFound)
            : RoomErrors.WriteAsync(context, "Forbidden", StatusCodes.Status403Forbidden);
    }

    private async Task DrainAsync(HttpContext context, string actor)
    {
        var wish = await RoomBodies.ReadJsonAsync(context, MaxBodyBytes);
        _rooms.IsDraining = !(wish is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.False);
        await RememberAsync(context, actor, "rooms.drain", _rooms.IsDraining ? "on" : "off", string.Empty);
        await WriteOkAsync(context);
    }

    private async Task InvalidateAsync(HttpContext context, string actor)
    {
        var wish = await RoomBodies.ReadJsonAsync(context, MaxBodyBytes);
        var target = new RoomTarget(Text(wish, "token"), Text(wish, "code"), Text(wish, "roomName"));
        if (new[] { target.Token, target.Code, target.RoomName }.Count(member => member is not null) != 1)
        {
            await RoomErrors.WriteAsync(context, "Exactly one invalidation target is required", StatusCodes.Status400BadRequest);
            return;
        }

        if (!_rooms.Invalidate(target))
        {
            await RoomErrors.WriteAsync(context, "Not found", StatusCodes.Status404NotFound);
            return;
        }

        // A token and a code open a room; its name does not.
        await RememberAsync(context, actor, "rooms.invalidate", target.Token is not null ? "token" : target.Code is not null ? "code" : "room", target.RoomName ?? string.Empty);
        await WriteOkAsync(context);
    }

    private Task RememberAsync(HttpContext context, string actor, string act, string target, string detail) =>
        _acts.RememberAsync(actor, act, target, detail, CallerAddress.Of(context));

    private static Task WriteOkAsync(HttpContext context) => RoomWire.WriteJsonAsync(context, json => json.WriteBoolean("ok", true));

    private static string? Text(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
