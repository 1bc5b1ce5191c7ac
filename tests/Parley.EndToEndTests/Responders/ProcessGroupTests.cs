using System.Diagnostics;
using Parley.Protocol.Wire;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

[Collection(nameof(RealProcesses))]
public sealed class ProcessGroupTests
{
    private static readonly TimeSpan _short = TimeSpan.FromMilliseconds(700);

    // Each way a process may try to outlive its run; every one prints its own id first.
    [Theory]
    [InlineData("sleep 300 & echo $!; wait")]
    [InlineData("(sleep 300 & echo $!) ; sleep 300")]
    [InlineData("setsid sh -c 'echo $$; exec sleep 300' & wait")]
    [InlineData("(setsid sh -c 'echo $$; exec sleep 300' &) ; sleep 300")]
    [InlineData("(setsid env -i sh -c 'echo $$; exec sleep 300' &) ; sleep 300")]
    [InlineData("nohup sh -c 'trap \"\" TERM HUP; echo $$; while :; do sleep 1; done' & wait")]
    [InlineData("bash -c 'set -m; sh -c \"echo \\$\\$; exec sleep 300\" & wait'")]
    public async Task The_whole_tree_dies_at_the_timeout(string script)
    {
        var reply = await ShellAsync(script, _short);

        Assert.Equal((ReplyState.Failed, "responder.timeout"), (reply.State, reply.ErrorCode));
        var pid = int.Parse(reply.Text().Trim());
        Assert.False(IsAlive(pid), $"process {pid} survived");
        Assert.False(Directory.Exists($"/proc/{pid}"), "a zombie is left");
    }

    [Fact]
    public async Task What_was_printed_before_the_timeout_comes_back()
    {
        var reply = await ShellAsync("echo before; echo cause >&2; sleep 300", _short);

        Assert.Equal(("before\n", "cause\n"), (reply.Text(), reply.Stderr.ToStringUtf8()));
        Assert.False(reply.HasExitCode);
    }

    [Fact]
    public async Task The_sender_s_cancellation_stops_the_tree()
    {
        using var cancel = new CancellationTokenSource(_short);

        await using var pipeline = Pipeline(Exec("/bin/sh"));

        var reply = await pipeline.AnswerAsync(Request("sleep 300 & echo $!; wait"), new Silence(), cancel.Token);

        Assert.Equal((ReplyState.Canceled, "canceled"), (reply.State, reply.ErrorCode));
        Assert.False(IsAlive(int.Parse(reply.Text().Trim())));
    }

    [Fact]
    public async Task A_background_process_neither_delays_the_answer_nor_outlives_it()
    {
        var watch = Stopwatch.StartNew();

        var reply = await ShellAsync("sleep 300 & echo $!");

        Assert.Equal(0, reply.ExitCode);
        Assert.False(IsAlive(int.Parse(reply.Text().Trim())));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_command_that_ends_properly_when_asked_may_clean_up()
    {
        var mark = Path.GetTempFileName();

        await ShellAsync($"trap 'echo cleaned > {mark}; exit 0' TERM; echo x; while :; do sleep 0.05; done", _short);

        Assert.Equal("cleaned\n", await File.ReadAllTextAsync(mark, TestContext.Current.CancellationToken));
        File.Delete(mark);
    }

    [Fact]
    public async Task Stopping_one_run_leaves_its_neighbours_alone()
    {
        await using var pipeline = Pipeline(Exec("/bin/sh"), policy => policy with { Concurrency = 8 });
        using var cancel = new CancellationTokenSource(_short);

        var neighbours = Enumerable.Range(0, 6).Select(number => pipeline.AnswerAsync(
            Request("setsid sh -c 'sleep 1.5; echo fine'") with { Id = $"n{number}", Thread = string.Empty }, new Silence(), TestContext.Current.CancellationToken)).ToList();
        var stopped = await pipeline.AnswerAsync(Request("(setsid sleep 300 &); sleep 300") with { Thread = string.Empty }, new Silence(), cancel.Token);
        var replies = await Task.WhenAll(neighbours);

        Assert.Equal(ReplyState.Canceled, stopped.State);
        Assert.All(replies, reply => Assert.Equal("fine\n", reply.Text()));
    }

    [Fact]
    public async Task What_hid_from_its_run_dies_once_no_run_that_began_before_it_goes_on()
    {
        await using var pipeline = Pipeline(Exec("/bin/sh"), policy => policy with { Concurrency = 8 });
        const string hidden = "(setsid env -i sh -c 'echo $$; exec sleep 300' &) ; sleep 0.2";
        var earlier = new Started(1);
        var later = new Started(1);
        using var endEarlier = new CancellationTokenSource();
        using var endLater = new CancellationTokenSource();

        var before = pipeline.AnswerAsync(Request("echo on; sleep 300") with { Id = "before", Thread = "1" }, earlier, endEarlier.Token);
        await earlier.Output.Task;
        var second = await pipeline.AnswerAsync(Request(hidden) with { Id = "second", Thread = "2" }, new Silence(), TestContext.Current.CancellationToken);
        var after = pipeline.AnswerAsync(Request("setsid sh -c 'echo on; exec sleep 300'") with { Id = "after", Thread = "3" }, later, endLater.Token);
        await later.Output.Task;
        await endEarlier.CancelAsync();
        await before;
        var isSecondAlive = IsAlive(int.Parse(second.Text().Trim()));
        var isAfterGoingOn = !after.IsCompleted;
        var alone = await pipeline.AnswerAsync(Request(hidden) with { Id = "alone", Thread = "4" }, new Silence(), TestContext.Current.CancellationToken);
        await endLater.CancelAsync();
        await after;

        Assert.False(isSecondAlive);
        Assert.True(isAfterGoingOn);
        Assert.False(IsAlive(int.Parse(alone.Text().Trim())));
    }

    [Fact]
    public async Task What_hid_from_its_run_dies_with_it_when_all_its_neighbours_began_later()
    {
        await using var pipeline = Pipeline(Exec("/bin/sh"), policy => policy with { Concurrency = 8 });
        var hiding = new Started(1);
        var later = new Started(1);
        using var endHiding = new CancellationTokenSource();
        using var endLater = new CancellationTokenSource();

        var first = pipeline.AnswerAsync(Request("(setsid env -i sh -c 'echo $$; exec sleep 300' &) ; sleep 300") with { Id = "first", Thread = "1" }, hiding, endHiding.Token);
        await hiding.Output.Task;

        // Start times are counted in hundredths of a second: a run of the same one might have started what hides.
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        var after = pipeline.AnswerAsync(Request("echo on; sleep 300") with { Id = "after", Thread = "2" }, later, endLater.Token);
        await later.Output.Task;
        await endHiding.CancelAsync();
        var reply = await first;
        var isAlive = IsAlive(int.Parse(reply.Text().Trim()));
        var isAfterGoingOn = !after.IsCompleted;
        await endLater.CancelAsync();
        await after;

        Assert.False(isAlive);
        Assert.True(isAfterGoingOn);
    }

    [Fact]
    public async Task Draining_lets_runs_end_and_interrupts_those_that_do_not()
    {
        await using var pipeline = Pipeline(Exec("/bin/sh"));
        var started = new Started(2);
        var slow = pipeline.AnswerAsync(Request("echo begun; sleep 300") with { Thread = "a" }, started, TestContext.Current.CancellationToken);
        var quick = pipeline.AnswerAsync(Request("sleep 0.3; echo fine") with { Thread = "b" }, started, TestContext.Current.CancellationToken);
        await started.Both.Task;

        await pipeline.DrainAsync(TimeSpan.FromSeconds(1));

        Assert.Equal("fine\n", (await quick).Text());
        Assert.Equal((ReplyState.Interrupted, "responder.interrupted", "begun\n"), ((await slow).State, (await slow).ErrorCode, (await slow).Text()));
    }

    private sealed class Started(int runs) : Parley.Client.Responders.IAnswerSink
    {
        private int _count;

        public TaskCompletionSource Both { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Something was printed.</summary>
        public TaskCompletionSource Output { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ValueTask PartAsync(Part part, CancellationToken cancellationToken)
        {
            Output.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public ValueTask StartedAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _count) == runs)
            {
                Both.SetResult();
            }

            return ValueTask.CompletedTask;
        }
    }
}
