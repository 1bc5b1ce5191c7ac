using Parley.Client.Responders.OpenAi;

namespace Parley.Tests.Responders;

public sealed class ThreadHistoryTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void Threads_and_senders_are_kept_apart_and_no_thread_means_no_memory()
    {
        var history = new ThreadHistory(new HistoryLimits(), _clock);

        history.Add("a", "t", "q", "r");
        history.Add("a", string.Empty, "q", "r");

        Assert.Equal(["q", "r"], history.Of("a", "t").Select(turn => turn.Text));
        Assert.Empty(history.Of("b", "t"));
        Assert.Empty(history.Of("a", string.Empty));
    }

    [Fact]
    public void Old_turns_fall_out_in_pairs_by_number_and_size()
    {
        var history = new ThreadHistory(new HistoryLimits(MaxTurns: 4, MaxBytes: 10), _clock);

        history.Add("a", "t", "q1", "r1");
        history.Add("a", "t", "q2", "r2");
        history.Add("a", "t", "q3", "r3");

        Assert.Equal(["q2", "r2", "q3", "r3"], history.Of("a", "t").Select(turn => turn.Text));
        history.Add("a", "t", "long question", "r4");
        Assert.Empty(history.Of("a", "t"));
    }

    [Fact]
    public void Idle_threads_are_forgotten_and_the_oldest_makes_room()
    {
        var history = new ThreadHistory(new HistoryLimits(MaxThreads: 2) { Idle = TimeSpan.FromMinutes(10) }, _clock);
        history.Add("a", "1", "q", "r");
        _clock.Advance(TimeSpan.FromMinutes(1));
        history.Add("a", "2", "q", "r");
        _clock.Advance(TimeSpan.FromMinutes(1));
        history.Add("a", "3", "q", "r");

        Assert.Empty(history.Of("a", "1"));
        Assert.NotEmpty(history.Of("a", "2"));
        _clock.Advance(TimeSpan.FromMinutes(9.5));
        Assert.Empty(history.Of("a", "2"));
        Assert.Equal(1, history.Count);
    }

    private sealed class HandClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
