using System.Globalization;
using System.Text.Json;
using Parley.Client.Rooms;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room ping</c>: whether the room is alive and the partner there. Keeps nothing alive.</summary>
internal sealed class RoomPingCommand : RoomSessionCommand
{
    public RoomPingCommand()
        : base("ping", "Ask whether the room is alive and your partner there", new Example("parley room ping", "exit code 4 when the room is over"))
    {
        OnSeat(async (context, _, room, cancellationToken) =>
        {
            Print(context, await room.Door.PingAsync(room.Token, cancellationToken));
            return 0;
        });
    }

    private static void Print(CommandContext context, RoomPresence presence)
    {
        var ago = (long?)presence.PartnerLastSeen?.TotalMilliseconds;
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(new PingJson(true, presence.IsPartnerConnected, ago), RoomJson.Compact.PingJson));
        }
        else
        {
            context.Terminal.WriteLine(ago is null ? "ROOM_ALIVE (1/2 connected)" : string.Create(CultureInfo.InvariantCulture, $"ROOM_ALIVE (2/2 connected) last_seen_ms={ago}"));
        }
    }
}
