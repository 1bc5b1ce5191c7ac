using System.Diagnostics;
using Parley.Client.Responders.Exec;
using Parley.Protocol.Wire;
using Parley.Testing;
using static Parley.EndToEndTests.Responders.Answering;

namespace Parley.EndToEndTests.Responders;

[Collection(nameof(RealProcesses))]
public sealed class ProcessGroupTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

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
        var reply = await TimedOutAsync(Exec("/bin/sh"), Request(script));

        Assert.Equal((ReplyState.Failed, "responder.timeout"), (reply.State, reply.ErrorCode));
        var pid = int.Parse(reply.Text().Trim());
        Assert.False(IsAlive(pid), $"process {pid} survived");
        Assert.False(Directory.Exists($"/proc/{pid}"), "a zombie is left");
    }

    [Fact]
    public async Task What_was_printed_before_the_timeout_comes_back()
    {
        using var folder = new TempFolder();
        var mark = folder.PathOf("mark");

        var reply = await TimedOutAsync(
            Exec("/bin/sh"), Request($"echo before; echo cause >&2; : > {mark}; sleep 300"), () => Deadline.UntilAsync(() => File.Exists(mark), "both to be printed"));

        Assert.Equal(("before\n", "cause\n"), (reply.Text(), reply.Stderr.ToStringUtf8()));
        Assert.False(reply.HasExitCode);
    }

    [Fact]
    public async Task The_sender_s_cancellation_stops_the_tree()
    {
        using var cancel = new CancellationTokenSource();
        var started = new Started(1);
        await using var pipeline = Pipeline(Exec("/bin/sh"));

        var answering = pipeline.AnswerAsync(Request("sleep 300 & echo $!; wait"), started, cancel.Token);
        await started.Output.Task.WaitAsync(Deadline.Shared, Stop);
        await cancel.CancelAsync();
        var reply = await answering;

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
        using var folder = new TempFolder();
        var (mark, time) = (folder.PathOf("mark"), new FakeTimeProvider());
        var script = $"trap 'sleep 0.1; echo cleaned > {mark}; exit 0' TERM; echo x; while :; do sleep 0.05; done";

        var answering = TimedOutAsync(Exec("/bin/sh", time: time), Request(script));
        await Deadline.UntilAsync(() => time.ArmedTimers > 0, "the run to be stopped");
        time.Advance(ProcessGroup.Grace - TimeSpan.FromMilliseconds(20));
        await Deadline.UntilAsync(() => File.Exists(mark) && File.ReadAllText(mark) == "cleaned\n", "the command to clean up");
        await Deadline.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(20));
                return answering.IsCompleted;
            },
            "the end of the run");

        await answering;
    }

    [Fact]
    public async Task Stopping_one_run_leaves_its_neighbours_alone()
    {
        await using var pipeline = Pipeline(Exec("/bin/sh"), policy => policy with { Concurrency = 8 });
        using var cancel = new CancellationTokenSource();
        var started = new Started(1);

        var neighbours = Enumerable.Range(0, 6).Select(number => pipeline.AnswerAsync(
            Request("setsid sh -c 'sleep 1.5; echo fine'") with { Id = $"n{number}", Thread = string.Empty }, new Silence(), Stop)).ToList();
        var stopping = pipeline.AnswerAsync(Request("(setsid sleep 300 &); echo on; sleep 300") with { Thread = string.Empty }, started, cancel.Token);
        await started.Output.Task.WaitAsync(Deadline.Shared, Stop);
        await cancel.CancelAsync();
        var stopped = await stopping;
        var replies = await Task.WhenAll(neighbours);

        Assert.Equal(ReplyState.Canceled, stopped.State);
        Assert.All(replies, reply => Assert.Equal("fine\n", reply.Text()));
    }

    [Fact]
    public async Task What_hid_from_its_run_dies_once_no_run_that_began_before_it_goes_on()
    {
        await using var pipeline = Pipeline(Exec("/bin/sh"), policy => policy with { Concurrency = 8 });
        using var folder = new TempFolder();
        var earlier = new Started(1);
        var later = new Started(1);
        using var endEarlier = new CancellationTokenSource();
        using var endLater = new CancellationTokenSource();

        var before = pipeline.AnswerAsync(Request("echo on; sleep 300") with { Id = "before", Thread = "1" }, earlier, endEarlier.Token);
        await earlier.Output.Task.WaitAsync(Deadline.Shared, Stop);
        var second = await pipeline.AnswerAsync(Request(Hiding(folder.PathOf("second"))) with { Id = "second", Thread = "2" }, new Silence(), Stop);
        var after = pipeline.AnswerAsync(Request("setsid sh -c 'echo on; exec sleep 300'") with { Id = "after", Thread = "3" }, later, endLater.Token);
        await later.Output.Task.WaitAsync(Deadline.Shared, Stop);
        await endEarlier.CancelAsync();
        await before;
        var isSecondAlive = IsAlive(int.Parse(second.Text().Trim()));
        var isAfterGoingOn = !after.IsCompleted;
        var alone = await pipeline.AnswerAsync(Request(Hiding(folder.PathOf("alone"))) with { Id = "alone", Thread = "4" }, new Silence(), Stop);
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
        await hiding.Output.Task.WaitAsync(Deadline.Shared, Stop);

        // Start times are counted in hundredths of a second: a run of the same one might have started what hides.
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        var after = pipeline.AnswerAsync(Request("echo on; sleep 300") with { Id = "after", Thread = "2" }, later, endLater.Token);
        await later.Output.Task.WaitAsync(Deadline.Shared, Stop);
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
        var (time, grace) = (new FakeTimeProvider(), TimeSpan.FromSeconds(1));
        await using var pipeline = Pipeline(Exec("/bin/sh"), time: time);
        var started = new Started(2);
        var slow = pipeline.AnswerAsync(Request("echo begun; sleep 300") with { Thread = "a" }, started, Stop);
        var quick = pipeline.AnswerAsync(Request("sleep 0.3; echo fine") with { Thread = "b" }, started, Stop);
        await started.Both.Task.WaitAsync(Deadline.Shared, Stop);

        var draining = pipeline.DrainAsync(grace);
        var answer = await quick;
        time.Advance(grace);
        await draining;

        Assert.Equal("fine\n", answer.Text());
        Assert.Equal((ReplyState.Interrupted, "responder.interrupted", "begun\n"), ((await slow).State, (await slow).ErrorCode, (await slow).Text()));
    }

    /// <summary>A run that ends once what it leaves behind has printed its id and hides.</summary>
    private static string Hiding(string mark) =>
        $"(setsid env -i sh -c 'echo $$; : > {mark}; exec sleep 300' &) ; until [ -e {mark} ]; do sleep 0.02; done";
}
