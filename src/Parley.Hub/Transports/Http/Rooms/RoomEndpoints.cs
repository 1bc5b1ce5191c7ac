using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Parley.Hub.Rooms;

namespace Parley.Hub.Transports.Http.Rooms;

/// <summary>Rooms over HTTP, for whoever has nothing but curl: docs/protocol/rooms.md. The room token is the credential, so the routes ask for no key.</summary>
internal sealed class RoomEndpoints(RoomService rooms, IOptions<RoomOptions> options)
{
    private const string Scheme = "Bearer ";
    private const string HumanHeader = "X-Parley-Human";
    private const string MessageHeader = "X-Parley-Message";

    private static readonly byte[] _delivered = "DELIVERED"u8.ToArray();

    private readonly int _limit = options.Value.MaxMessageBytes;
    private readonly byte[] _timeout = System.Text.Encoding.ASCII.GetBytes($"TIMEOUT: No event received within {(int)options.Value.WaitLimit.TotalSeconds}s");

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        Post(routes, "/register", RegisterAsync);
        Post(routes, "/setup", SetUpAsync);
        Post(routes, "/create", context => CreateAsync(context, RoomKind.Standard, "inviteCode"));
        Post(routes, "/listen", context => CreateAsync(context, RoomKind.Listener, "listenerCode"));
        Post(routes, "/join/{code}", context => WriteJoinedAsync(context, rooms.Join(CallerAddress.Of(context), CodeOf(context), TokenOf(context))));
        Post(routes, "/register-and-join/{code}", context => WriteJoinedAsync(context, rooms.RegisterAndJoin(CallerAddress.Of(context), CodeOf(context))));
        Post(routes, "/room-rule/headless", SetHeadlessAsync);
        Post(routes, "/send", SendAsync);
        Get(routes, "/wait", WaitAsync);
        Get(routes, "/ping", PingAsync);
        Post(routes, "/leave", LeaveAsync);
    }

    /// <summary>The token of a request.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">It has none.</exception>
    public static string TokenOf(HttpContext context) => FindToken(context) ?? throw RoomRefusals.Unauthorized();

    private static string? FindToken(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is var header && header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..] : null;

    private static void Post(IEndpointRouteBuilder routes, string path, RequestDelegate handler) => routes.MapPost(path, RoomErrors.Around(handler)).AllowGuests();

    private static void Get(IEndpointRouteBuilder routes, string path, RequestDelegate handler) => routes.MapGet(path, RoomErrors.Around(handler)).AllowGuests();

    private static string CodeOf(HttpContext context) => (string)context.Request.RouteValues["code"]!;

    private static string NameOf(SeatRole role) => role == SeatRole.Host ? "host" : "joiner";

    private Task RegisterAsync(HttpContext context)
    {
        var token = rooms.Register(CallerAddress.Of(context));
        return RoomWire.WriteJsonAsync(context, json => json.WriteString("token", token));
    }

    private async Task SetUpAsync(HttpContext context)
    {
        var wish = await RoomBodies.ReadJsonAsync(context, _limit);
        var kind = Member(wish, "type") is { ValueKind: JsonValueKind.String } type
            ? type.GetString() switch { "standard" => RoomKind.Standard, "listener" => RoomKind.Listener, _ => (RoomKind?)null }
            : null;
        if (kind is null)
        {
            await RoomErrors.WriteAsync(context, "type (standard|listener) required", StatusCodes.Status400BadRequest);
            return;
        }

        var opened = rooms.SetUp(CallerAddress.Of(context), kind.Value, IsTruthy(Member(wish, "headless")), FindToken(context));
        await RoomWire.WriteJsonAsync(context, json =>
        {
            json.WriteString("token", opened.Token);
            json.WriteString("code", opened.Code);
            json.WriteString("roomName", opened.RoomName);
            json.WriteString("role", NameOf(opened.Role));
        });
    }

    private Task CreateAsync(HttpContext context, RoomKind kind, string member)
    {
        var opened = rooms.Create(CallerAddress.Of(context), TokenOf(context), kind);
        return RoomWire.WriteJsonAsync(context, json =>
        {
            json.WriteString(member, opened.Code);
            json.WriteString("roomName", opened.RoomName);
        });
    }

    private static Task WriteJoinedAsync(HttpContext context, RoomJoined joined) => RoomWire.WriteJsonAsync(context, json =>
    {
        if (joined.Token is { } token)
        {
            json.WriteString("token", token);
        }

        json.WriteString("roomName", joined.RoomName);
        json.WriteString("role", NameOf(joined.Role));
        json.WriteBoolean("headless", joined.IsHeadless);
        json.WriteString("rules", RoomRules.Box);
        json.WriteString("status", "(2/2 connected)");
    });

    private async Task SetHeadlessAsync(HttpContext context)
    {
        var token = TokenOf(context);
        var wish = Member(await RoomBodies.ReadJsonAsync(context, _limit), "headless");
        if (wish is not { ValueKind: JsonValueKind.True or JsonValueKind.False } headless)
        {
            await RoomErrors.WriteAsync(context, "headless (boolean) required", StatusCodes.Status400BadRequest);
            return;
        }

        rooms.SetHeadless(token, headless.GetBoolean());
        await WriteOkAsync(context);
    }

    private async Task SendAsync(HttpContext context)
    {
        var token = TokenOf(context);
        await rooms.PaceSendAsync(token, context.RequestAborted);
        if (RoomBodies.HasText(context))
        {
            // Not before: an empty body is told first. Not later: a stranger's body is not read.
            rooms.RequireSeat(token);
        }

        if (await RoomBodies.ReadTextAsync(context, _limit) is not { } text)
        {
            await RoomErrors.WriteAsync(context, "Message body required", StatusCodes.Status400BadRequest);
            return;
        }

        rooms.Send(token, text, context.Request.Headers.ContainsKey(HumanHeader), context.Request.Headers[MessageHeader]);
        await RoomWire.WriteTextAsync(context, _delivered);
    }

    private async Task WaitAsync(HttpContext context)
    {
        using var delivery = await rooms.WaitAsync(TokenOf(context), context.RequestAborted);
        if (delivery is null)
        {
            await RoomWire.WriteTextAsync(context, _timeout);
            return;
        }

        // What is not confirmed goes back.
        if (await RoomWire.DeliverAsync(context, RoomWire.Frame(delivery.Item), RoomWire.TextType))
        {
            delivery.Confirm();
        }
    }

    private Task PingAsync(HttpContext context)
    {
        var presence = rooms.Ping(TokenOf(context));
        return RoomWire.WriteJsonAsync(context, json =>
        {
            json.WriteBoolean("room_alive", true);
            json.WriteBoolean("partner_connected", presence.IsPartnerConnected);
            if (presence.PartnerLastSeen is { } ago)
            {
                json.WriteNumber("partner_last_seen_ms", (long)ago.TotalMilliseconds);
            }
            else
            {
                json.WriteNull("partner_last_seen_ms");
            }
        });
    }

    private Task LeaveAsync(HttpContext context)
    {
        rooms.Leave(TokenOf(context));
        return WriteOkAsync(context);
    }

    private static Task WriteOkAsync(HttpContext context) => RoomWire.WriteJsonAsync(context, json => json.WriteBoolean("ok", true));

    private static JsonElement? Member(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(name, out var value) ? value : null;

    // As the scripts' server read it: "false" in quotation marks is a text that is not empty.
    private static bool IsTruthy(JsonElement? value) => value?.ValueKind switch
    {
        null or JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
        JsonValueKind.Number => value.Value.GetDouble() != 0,
        JsonValueKind.String => value.Value.GetString()!.Length > 0,
        _ => true,
    };
}
