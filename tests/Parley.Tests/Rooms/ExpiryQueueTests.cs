using Parley.Hub.Rooms.Limits;
using Parley.Hub.Rooms;

namespace Parley.Tests.Rooms;

public sealed class ExpiryQueueTests
{
    private readonly ExpiryQueue _queue = new();
    private readonly List<string> _seen = [];

    [Fact]
    public void What_is_due_is_looked_at_in_its_order_and_nothing_else()
    {
        Add("late", 30);
        Add("second", 20);
        Add("first", 10);

        _queue.Run(TimeSpan.FromSeconds(20));

        Assert.Equal(["first", "second"], _seen);
    }

    [Fact]
    public void What_lives_longer_is_put_back()
    {
        _queue.Add(TimeSpan.FromSeconds(10), now => Look("again", now < TimeSpan.FromSeconds(30) ? TimeSpan.FromSeconds(30) : null));

        _queue.Run(TimeSpan.FromSeconds(10));
        _queue.Run(TimeSpan.FromSeconds(29));
        _queue.Run(TimeSpan.FromSeconds(30));
        _queue.Run(TimeSpan.FromSeconds(90));

        Assert.Equal(["again", "again"], _seen);
    }

    [Fact]
    public void What_was_cancelled_is_not_looked_at()
    {
        var expiry = Add("gone", 10);

        expiry.Cancel();
        _queue.Run(TimeSpan.FromSeconds(10));

        Assert.Empty(_seen);
    }

    private Expiry Add(string name, int seconds) => _queue.Add(TimeSpan.FromSeconds(seconds), _ => Look(name, null));

    private TimeSpan? Look(string name, TimeSpan? again)
    {
        _seen.Add(name);
        return again;
    }
}
