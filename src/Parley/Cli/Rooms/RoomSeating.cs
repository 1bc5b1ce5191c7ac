using System.Text;
using System.Text.Json;
using Parley.Client.Rooms;
using Parley.Output;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary>Takes a seat and keeps it under a name; tells what the partner needs to take the other.</summary>
internal static class RoomSeating
{
    /// <summary>Takes a seat.</summary>
    /// <param name="context">The command's world.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="mode">How the session begins, for <c>session.json</c>.</param>
    /// <param name="given">The name that was given; null: the default.</param>
    /// <param name="name">The default name.</param>
    /// <param name="take">Takes the seat.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<int> TakeAsync(
        CommandContext context, RoomHub hub, string mode, string? given, string name, Func<IRoomDoor, Task<RoomSeat>> take, CancellationToken cancellationToken)
    {
        var store = new SessionStore(context.OpenHome(), context.Time);
        await using var door = await RoomDoors.OpenAsync(context, hub, cancellationToken);
        if (store.TryOpen(given ?? name) is { } present)
        {
            await RequireOverAsync(present, context, cancellationToken);
        }

        var seat = await take(door);
        var session = store.Create(given ?? name, Facts(hub, mode, seat));
        session.WriteToken(seat.Token);
        Print(context, session, seat);
        return 0;
    }

    /// <summary>What is remembered of a seat.</summary>
    public static SessionFacts Facts(RoomHub hub, string mode, RoomSeat seat) => new()
    {
        Mode = mode,
        Role = seat.Role,
        Hub = Addresses.Text(hub.Address),
        Pin = hub.Pin?.Value,
        InsecureHttp = hub.AllowInsecure ? true : null,
        Headless = seat.IsHeadless,
        Code = seat.Code,
        Status = seat.Code is null ? SessionStatus.Connected : mode == "listen" ? SessionStatus.WaitingForHost : SessionStatus.WaitingForJoin,
    };

    /// <summary>Tells of a seat.</summary>
    public static void Print(CommandContext context, SavedSession session, RoomSeat seat)
    {
        var paste = seat.Code is null ? null : Paste(session.Hub, seat.Code);
        if (context.IsJson)
        {
            var shown = new SeatedJson(session.Name, seat.Role, seat.Code, session.Facts.Hub, session.Facts.Pin, seat.IsHeadless, paste);
            context.Terminal.WriteJson(JsonSerializer.Serialize(shown, RoomJson.Compact.SeatedJson));
            return;
        }

        if (paste is null)
        {
            context.Terminal.WriteLine($"{seat.Role} (2/2 connected){(seat.IsHeadless ? ", headless" : string.Empty)}");
        }
        else
        {
            context.Terminal.Write(paste);
        }

        context.Terminal.Note($"session {session.Name}: {(seat.Role == RoomSeat.Host ? "you speak first" : "your partner speaks first")}; next: parley room {(seat.Code is null && seat.Role == RoomSeat.Host ? "send" : "loop")} --session {session.Name}");
    }

    /// <summary>What the partner gets, to be pasted: by Parley, or with curl alone. The code stands for the seat, so it goes to one partner and over a trusted way.</summary>
    internal static string Paste(RoomHub hub, string code)
    {
        var address = Addresses.Text(hub.Address);
        var (pin, curlPin) = hub.Pin is { } key ? ($" --pin={key}", $"-k --pinnedpubkey {RoomHubOptions.CurlPin(key)} ") : (string.Empty, string.Empty);
        var text = new StringBuilder();
        text.Append("Give this to your partner; the code is good once.\n\n");
        text.Append($"  parley room join {code} --hub {address}{pin}{(hub.AllowInsecure ? " --insecure-http" : string.Empty)}\n\n");
        text.Append("or, with nothing but curl (and then GET /wait, POST /send; see the hub's docs/protocol/rooms.md):\n\n");
        text.Append($"  curl -s {curlPin}-X POST {address}/register-and-join/{code}\n");
        return text.ToString();
    }

    // A seat of which nobody knows any more is lost with its partner still there.
    private static async Task RequireOverAsync(SavedSession session, CommandContext context, CancellationToken cancellationToken)
    {
        if (session.TryReadToken() is not { } token)
        {
            return;
        }

        try
        {
            await using var door = await RoomDoors.OpenAsync(context, session.Hub, cancellationToken);
            await door.PingAsync(token, cancellationToken);
        }
        catch (ParleyException refusal) when (refusal.Code is ErrorCode.RoomNotIn or ErrorCode.Unauthenticated)
        {
            return;
        }

        throw new ParleyException(
            ErrorCode.Conflict, $"The session {SafeText.Clean(session.Name)} still sits in a room: parley room leave --session {session.Name}, or take another name with --session.");
    }
}
