namespace Parley.Hub.Rooms;

/// <summary>Where a room is in its life; <see cref="Room"/> draws it.</summary>
internal enum RoomState
{
    /// <summary>One seat is taken, a code waits for the other.</summary>
    Waiting,

    /// <summary>Both seats are taken.</summary>
    Live,

    /// <summary>The joiner left; the host may invite another one.</summary>
    HostAlone,

    /// <summary>Over: what is unread can still be read for a while.</summary>
    Closed,
}
