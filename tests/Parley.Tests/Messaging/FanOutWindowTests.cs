using Parley.Hub.Messaging;

namespace Parley.Tests.Messaging;

public sealed class FanOutWindowTests
{
    private readonly FanOutWindow _window = new();

    [Fact]
    public void Different_targets_count_and_known_ones_do_not()
    {
        var taken = new[] { "a", "b", "a", "c", "b" }.Select(target => _window.TryCount(target, 2, 1000)).ToList();

        Assert.Equal([true, true, true, false, true], taken);
    }

    [Fact]
    public void The_count_begins_again_after_the_window()
    {
        _window.TryCount("a", 1, 1000);

        Assert.False(_window.TryCount("b", 1, 10_999));
        Assert.True(_window.TryCount("b", 1, 11_000));
    }

    [Fact]
    public void The_count_begins_again_when_the_clock_is_set_back()
    {
        _window.TryCount("a", 1, 10_000_000);

        Assert.True(_window.TryCount("b", 1, 6_400_000));
        Assert.False(_window.TryCount("c", 1, 6_400_000));
    }
}
