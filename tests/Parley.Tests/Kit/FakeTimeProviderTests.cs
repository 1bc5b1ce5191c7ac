using Parley.Testing;

namespace Parley.Tests.Kit;

public sealed class FakeTimeProviderTests
{
    [Fact]
    public void Timers_fire_in_the_order_of_their_due_times_at_their_own_time()
    {
        var clock = new FakeTimeProvider();
        var start = clock.GetUtcNow();
        var fired = new List<string>();
        using var late = clock.CreateTimer(_ => fired.Add($"late {(clock.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var often = clock.CreateTimer(_ => fired.Add($"often {(clock.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["often 2", "late 3", "often 4"], fired);
        Assert.Equal(start + TimeSpan.FromSeconds(5), clock.GetUtcNow());
    }

    [Fact]
    public void A_timestamp_is_not_a_tick()
    {
        var clock = new FakeTimeProvider();
        var stamp = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.NotEqual(TimeSpan.TicksPerSecond, clock.GetTimestamp() - stamp);
        Assert.Equal(TimeSpan.FromSeconds(1), clock.GetElapsedTime(stamp));
    }

    [Fact]
    public async Task A_delay_ends_when_its_time_comes()
    {
        var clock = new FakeTimeProvider();
        var delay = Task.Delay(TimeSpan.FromMinutes(1), clock);

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        await delay.WaitAsync(Deadline.Shared);
    }
}
