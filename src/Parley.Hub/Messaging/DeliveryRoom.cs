using Parley.Hub.Sessions;

namespace Parley.Hub.Messaging;

/// <summary>How much may be open towards one session before the rest waits in the store: a slow reader costs disk, never memory.</summary>
/// <param name="MaxCount">Deliveries without acknowledgement.</param>
/// <param name="MaxBytes">Bytes of their bodies, and bytes that the link has not taken.</param>
internal readonly record struct DeliveryRoom(int MaxCount, long MaxBytes)
{
    /// <summary>With several listeners a thread stays with one until it was idle this long.</summary>
    public static readonly TimeSpan ThreadIdle = TimeSpan.FromMinutes(10);

    /// <summary>Whether one more delivery may be opened.</summary>
    /// <remarks>
    /// One that has nothing open always has room: only an acknowledgement brings the rest. It may come before the hub's own
    /// write returns, and what else waits for the link to take it is acknowledged by nobody.
    /// </remarks>
    public bool Fits(Session session) =>
        session.Window.Count == 0 ||
        (session.Window.Count < MaxCount && session.Window.Bytes < MaxBytes && session.Outbox.PendingBytes < MaxBytes);
}
