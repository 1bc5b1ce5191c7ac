using Parley.Hub.Rooms.Limits;

namespace Parley.Hub.Rooms;

/// <summary>The holder of a room token: at first nowhere, then for the rest of its life on one seat.</summary>
/// <param name="id">Hash of its token.</param>
internal sealed class Visitor(SecretHash id)
{
    private int _isClaimed;
    private volatile RoomSeat? _place;

    /// <summary>Hash of its token.</summary>
    public SecretHash Id => id;

    /// <summary>Where it sits; null until it does.</summary>
    public RoomSeat? Place
    {
        get => _place;
        set => _place = value;
    }

    /// <summary>Sends in a minute.</summary>
    public Pace Sends { get; } = new();

    /// <summary>Waits in a minute.</summary>
    public Pace Waits { get; } = new();

    /// <summary>Pings and rules in a minute.</summary>
    public Pace Others { get; } = new();

    /// <summary>When the hub forgets it.</summary>
    public Expiry? Expiry { get; set; }

    /// <summary>Claims the one seat that it may take in its life. Of two calls at once one is told true.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _isClaimed, 1) == 0;

    /// <summary>The claim came to nothing.</summary>
    public void Unclaim() => Volatile.Write(ref _isClaimed, 0);
}

/// <summary>A seat in its room.</summary>
/// <param name="Room">The room.</param>
/// <param name="Seat">The seat.</param>
internal sealed record RoomSeat(OpenRoom Room, Seat Seat);
