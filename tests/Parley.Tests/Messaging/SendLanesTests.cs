using Parley.Client.Messaging;

namespace Parley.Tests.Messaging;

public sealed class SendLanesTests
{
    private readonly SendLanes _lanes = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_next_of_a_thread_waits_until_the_place_is_left()
    {
        var first = await _lanes.EnterAsync("bob", "t", Stop);
        var second = _lanes.EnterAsync("bob", "t", Stop);
        var other = _lanes.EnterAsync("bob", "u", Stop);

        var waited = (second.IsCompleted, other.IsCompleted);
        first!.Dispose();
        (await second)!.Dispose();

        Assert.Equal((false, true), waited);
    }

    [Fact]
    public async Task Lanes_that_nobody_uses_are_forgotten()
    {
        for (var number = 0; number < 1000; number++)
        {
            using var place = await _lanes.EnterAsync("bob", $"t{number}", Stop);
        }

        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_nothing_behind()
    {
        using var giveUp = new CancellationTokenSource();
        var first = await _lanes.EnterAsync("bob", "t", Stop);
        var second = _lanes.EnterAsync("bob", "t", giveUp.Token);

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first!.Dispose();

        Assert.Equal(0, _lanes.Count);
    }

    [Fact]
    public async Task Messages_without_a_thread_wait_for_nobody() => Assert.Null(await _lanes.EnterAsync("bob", string.Empty, Stop));
}
