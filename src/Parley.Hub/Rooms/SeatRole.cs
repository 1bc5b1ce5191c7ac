namespace Parley.Hub.Rooms;

/// <summary>Which of the two seats.</summary>
internal enum SeatRole
{
    /// <summary>Speaks first; the room ends when it leaves.</summary>
    Host,

    /// <summary>The other one.</summary>
    Joiner,
}
