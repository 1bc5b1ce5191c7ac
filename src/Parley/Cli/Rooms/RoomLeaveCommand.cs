using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Cli.Rooms;

/// <summary><c>parley room leave</c>: gives the seat up; the partner is told.</summary>
internal sealed class RoomLeaveCommand : RoomSessionCommand
{
    public RoomLeaveCommand()
        : base("leave", "Leave the room; when the host leaves, it is closed", new Example("parley room leave --session host", "the partner is told"))
    {
        OnSeat(async (context, _, room, cancellationToken) =>
        {
            try
            {
                await room.Door.LeaveAsync(room.Token, cancellationToken);
            }
            catch (ParleyException refusal) when (refusal.Code is ErrorCode.RoomNotIn or ErrorCode.Unauthenticated)
            {
                // Over already; what is kept of it goes.
            }

            room.Session.Remove();
            if (context.IsJson)
            {
                context.Terminal.WriteJson(JsonSerializer.Serialize(new DoneJson(room.Session.Name, "left"), RoomJson.Compact.DoneJson));
            }
            else
            {
                context.Terminal.WriteLine("LEFT");
            }

            return 0;
        });
    }
}
