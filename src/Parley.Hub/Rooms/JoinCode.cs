namespace Parley.Hub.Rooms;

/// <summary>A single-use code that is good for the empty seat of one room.</summary>
/// <param name="room">Which room.</param>
/// <param name="expiresAt">Until when; null: as long as the room waits.</param>
internal sealed class JoinCode(OpenRoom room, TimeSpan? expiresAt)
{
    private int _isSpent;

    /// <summary>Which room.</summary>
    public OpenRoom Room => room;

    /// <summary>Spends the code. Of any number of callers at once one is told true, whatever becomes of its wish afterwards.</summary>
    public bool TryRedeem(TimeSpan now) => Interlocked.Exchange(ref _isSpent, 1) == 0 && (expiresAt is null || now < expiresAt);

    /// <summary>Makes it worthless.</summary>
    public void Void() => Volatile.Write(ref _isSpent, 1);
}
