using Parley.Client.Responders;
using Parley.Client.Responders.OpenAi;
using Parley.Gateway.OpenAi;

namespace Parley.Tests.Responders;

public sealed class ThreadHistoryTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void Threads_and_senders_are_kept_apart_and_no_thread_means_no_memory()
    {
        var history = new ThreadHistory(new HistoryLimits(), _clock);

        Add(history, "t", "q", "r");
        Add(history, string.Empty, "q", "r");

        Assert.Equal(["q", "r"], history.Of("a", "t").Select(turn => turn.Text));
        Assert.Empty(history.Of("b", "t"));
        Assert.Empty(history.Of("a", string.Empty));
    }

    [Fact]
    public void Old_turns_fall_out_in_pairs_by_number_and_size()
    {
        var history = new ThreadHistory(new HistoryLimits(MaxTurns: 4, MaxBytes: 10), _clock);

        Add(history, "t", "q1", "r1");
        Add(history, "t", "q2", "r2");
        Add(history, "t", "q3", "r3");

        Assert.Equal(["q2", "r2", "q3", "r3"], history.Of("a", "t").Select(turn => turn.Text));
        Add(history, "t", "long question", "r4");
        Assert.Empty(history.Of("a", "t"));
    }

    [Fact]
    public void A_result_does_not_outlive_its_call()
    {
        var history = new ThreadHistory(new HistoryLimits(MaxTurns: 3), _clock);
        var calls = new ResponderTurn(TurnRole.Agent, string.Empty) { ToolCalls = [new ToolCall("c", "f", "{}")] };

        history.Add("a", "t", [new ResponderTurn(TurnRole.User, "q"), calls]);
        history.Add("a", "t", [new ResponderTurn(TurnRole.Tool, "1") { ToolCall = "c" }, new ResponderTurn(TurnRole.Agent, "r")]);

        Assert.Empty(history.Of("a", "t"));
    }

    [Fact]
    public void Arguments_of_calls_count()
    {
        var history = new ThreadHistory(new HistoryLimits(MaxBytes: 100), _clock);
        var calls = new ResponderTurn(TurnRole.Agent, string.Empty) { ToolCalls = [new ToolCall("c", "f", new string('x', 100))] };

        history.Add("a", "t", [new ResponderTurn(TurnRole.User, "q"), calls]);

        Assert.Empty(history.Of("a", "t"));
    }

    [Fact]
    public void What_is_whole_replaces_what_was_there()
    {
        var history = new ThreadHistory(new HistoryLimits(), _clock);
        Add(history, "t", "old", "old");

        history.Add("a", "t", [new ResponderTurn(TurnRole.User, "new"), new ResponderTurn(TurnRole.Agent, "new")], isWhole: true);

        Assert.Equal(["new", "new"], history.Of("a", "t").Select(turn => turn.Text));
    }

    [Fact]
    public void Idle_threads_are_forgotten_and_the_oldest_makes_room()
    {
        var history = new ThreadHistory(new HistoryLimits(MaxThreads: 2) { Idle = TimeSpan.FromMinutes(10) }, _clock);
        Add(history, "1", "q", "r");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Add(history, "2", "q", "r");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Add(history, "3", "q", "r");

        Assert.Empty(history.Of("a", "1"));
        Assert.NotEmpty(history.Of("a", "2"));
        _clock.Advance(TimeSpan.FromMinutes(9.5));
        Assert.Empty(history.Of("a", "2"));
        Assert.Equal(1, history.Count);
    }

    private static void Add(ThreadHistory history, string thread, string question, string answer) =>
        history.Add("a", thread, [new ResponderTurn(TurnRole.User, question), new ResponderTurn(TurnRole.Agent, answer)]);

    private sealed class HandClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
