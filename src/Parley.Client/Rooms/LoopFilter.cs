namespace Parley.Client.Rooms;

/// <summary>What is worth an agent's attention: everything but the news that the partner has come, which is what it waits for anyway.</summary>
public static class LoopFilter
{
    /// <summary>Whether an agent that waits for its partner's word is shown this.</summary>
    /// <param name="item">What came.</param>
    /// <param name="showsJoin">Whether it wants to know who has come.</param>
    public static bool Surfaces(RoomItem item, bool showsJoin) => item.Notice switch
    {
        RoomNotice.Joined => showsJoin,
        RoomNotice.Draining => false,
        _ => true,
    };
}
