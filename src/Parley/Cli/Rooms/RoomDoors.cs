using Parley.Client.Rooms;

namespace Parley.Cli.Rooms;

/// <summary>Picks the way to a hub's rooms.</summary>
internal static class RoomDoors
{
    /// <summary>Opens it.</summary>
    public static Task<IRoomDoor> OpenAsync(CommandContext context, RoomHub hub, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IRoomDoor>(new HttpRoomDoor(hub, context.Time));
    }
}
