namespace Parley.Hub.Rooms;

/// <summary>Who made a room, which is also what its code is good for.</summary>
internal enum RoomKind
{
    /// <summary>Made by the host: its invite makes a joiner.</summary>
    Standard,

    /// <summary>Made ahead by the joiner, on a machine that may be unattended: its listener code makes a host.</summary>
    Listener,
}
