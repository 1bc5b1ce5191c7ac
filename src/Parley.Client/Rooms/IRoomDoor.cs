using Parley.Protocol.Errors;

namespace Parley.Client.Rooms;

/// <summary>A way to a hub's rooms: HTTP for everyone, the link for enrolled agents. Both seats of a room need not use the same.</summary>
/// <remarks>
/// All calls refuse with a <see cref="ParleyException"/>; one that passes by itself is told by <see cref="RoomRetry.IsTransient"/>. Whoever holds the token of a seat may call for it.
/// Calls may come at once, but for two waits of one seat: the second is refused.
/// </remarks>
public interface IRoomDoor : IAsyncDisposable
{
    /// <summary>Makes a room and takes a seat in it.</summary>
    /// <param name="isListener">True: the caller is joiner, and whoever redeems the code is host.</param>
    /// <param name="isHeadless">The rule that agents ask nobody.</param>
    /// <param name="token">Null; or the token of a host that wants a fresh invite because its joiner is gone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<RoomSeat> OpenAsync(bool isListener, bool isHeadless, string? token, CancellationToken cancellationToken);

    /// <summary>Redeems a code.</summary>
    Task<RoomSeat> JoinAsync(string code, CancellationToken cancellationToken);

    /// <summary>Says something to the partner.</summary>
    /// <param name="token">Whose seat.</param>
    /// <param name="message">What is said.</param>
    /// <param name="cancellationToken">Ends the wait; the message may have arrived.</param>
    Task SendAsync(string token, RoomMessage message, CancellationToken cancellationToken);

    /// <summary>Waits once for the next thing.</summary>
    /// <returns>Null when nothing came for as long as the hub holds a wait, 110 s.</returns>
    Task<RoomItem?> WaitAsync(string token, CancellationToken cancellationToken);

    /// <summary>Asks whether the partner is there.</summary>
    Task<RoomPresence> PingAsync(string token, CancellationToken cancellationToken);

    /// <summary>Sets the rule that agents ask nobody.</summary>
    Task SetHeadlessAsync(string token, bool isHeadless, CancellationToken cancellationToken);

    /// <summary>Leaves the room; the token is worth nothing from then on.</summary>
    Task LeaveAsync(string token, CancellationToken cancellationToken);
}
