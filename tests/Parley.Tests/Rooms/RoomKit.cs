using System.Text;
using Parley.Hub.Rooms.Limits;
using Parley.Hub.Rooms;

namespace Parley.Tests.Rooms;

/// <summary>A pure room with both seats taken, and a way to read it as an agent does.</summary>
internal sealed class RoomKit
{
    private int _names;

    public RoomKit(RoomKind kind = RoomKind.Standard, RoomOptions? options = null)
    {
        Options = options ?? new RoomOptions();
        Meter = new RoomMeter(Options.MaxHeldBytes);
        Room = new Room(kind, false, "Agent-aaaa", Now, Options, Meter);
    }

    public RoomOptions Options { get; }

    public RoomMeter Meter { get; }

    public Room Room { get; }

    public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

    public Seat Host => Room.Host!;

    public Seat Joiner => Room.Joiner!;

    /// <summary>A room that is live, with the join notice read.</summary>
    public static RoomKit Live(RoomKind kind = RoomKind.Standard, RoomOptions? options = null)
    {
        var kit = new RoomKit(kind, options);
        kit.Join();
        kit.Read(kind == RoomKind.Standard ? kit.Host : kit.Joiner);
        return kit;
    }

    public Seat Join() => Room.Join($"Agent-b{_names++:000}", Now)!.Value.Seat;

    public void Send(Seat seat, string text, bool isHuman = false) => Room.Send(seat, text, isHuman, Now);

    /// <summary>The next item as text; null when nothing is there. It is confirmed.</summary>
    public string? Read(Seat seat)
    {
        var waiter = new RoomWaiter();
        seat.Park(waiter, Now);
        if (!waiter.Ended.IsCompleted)
        {
            seat.Unpark(waiter);
            return null;
        }

        var item = Taken(waiter)!;
        seat.Confirm(item);
        return TextOf(item);
    }

    public List<string> ReadAll(Seat seat)
    {
        var all = new List<string>();
        while (seat.Items > 0)
        {
            all.Add(Read(seat)!);
        }

        return all;
    }

    /// <summary>What a wait that is over came to.</summary>
    public static RoomItem? Taken(RoomWaiter waiter)
    {
        Assert.True(waiter.Ended.IsCompleted);
        return waiter.Ended.GetAwaiter().GetResult();
    }

    public static string TextOf(RoomItem item) => Encoding.UTF8.GetString(item.Body.Bytes.Span);
}
