using Parley.Cli.Hosting;

namespace Parley.Tests.Cli;

public sealed class QuietMemoryTests
{
    private const long Burst = 100L << 20;

    private readonly QuietMemory _memory = new();

    [Fact]
    public void What_a_burst_left_goes_once_the_process_is_quiet()
    {
        var whileBusy = new[] { Ask(0, 0, 0), Ask(Burst, 8, 10) };
        var whenQuiet = Ask(Burst, 8.1, 20);

        Assert.DoesNotContain(true, whileBusy);
        Assert.True(whenQuiet);
    }

    [Fact]
    public void Little_garbage_is_left_alone()
    {
        Ask(0, 0, 0);

        Assert.False(Ask(1 << 20, 0, 10));
    }

    [Fact]
    public void A_second_collection_waits_for_minutes_and_for_new_garbage()
    {
        Ask(0, 0, 0);
        Ask(Burst, 0, 10);

        Assert.False(Ask(2 * Burst, 0, 20));
        Assert.True(Ask(2 * Burst, 0, 400));
        Assert.False(Ask(2 * Burst, 0, 1000));
    }

    private bool Ask(long allocated, double processorSeconds, double seconds) =>
        _memory.IsDue(allocated, TimeSpan.FromSeconds(processorSeconds), TimeSpan.FromSeconds(seconds));
}
