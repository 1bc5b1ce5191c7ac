namespace Parley.Client.Rooms.Supervision;

/// <summary>Where a supervisor tells what goes on.</summary>
public interface ISupervisorScreen
{
    /// <summary>A seat was taken.</summary>
    /// <param name="seat">The seat, with the code to hand on.</param>
    /// <param name="session">Where the session is kept.</param>
    void Seated(RoomSeat seat, SavedSession session);

    /// <summary>The partner said something.</summary>
    void Inbound(RoomItem message);

    /// <summary>Something was said to the partner.</summary>
    void Outbound(string text);

    /// <summary>Something happened; a line without content.</summary>
    void Event(string line);
}
