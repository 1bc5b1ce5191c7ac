using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

public abstract partial class MessagingSpec
{
    [Fact]
    public async Task Two_listeners_that_share_split_the_work_and_keep_threads_together()
    {
        var (sender, agent) = await ArrangeAsync();
        await ListenAsync(agent, (_, _) => Task.FromResult("one"), new ListenSetup { IsShared = true });
        await ListenAsync(agent, (_, _) => Task.FromResult("two"), new ListenSetup { IsShared = true });

        var loose = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => sender.AskAsync("bob", "x", Stop)));
        var threads = await Task.WhenAll(Enumerable.Range(0, 6).Select(thread => AskThreeTimesAsync(sender, $"t{thread}")));

        Assert.Equal(["one", "two"], loose.Select(TestSender.TextOf).Distinct().Order());
        Assert.All(threads, answers => Assert.Single(answers.Distinct()));
    }

    [Fact]
    public async Task A_second_listener_that_does_not_share_takes_the_first_ones_place()
    {
        var (sender, agent) = await ArrangeAsync();
        var first = await ListenAsync(agent, (_, _) => Task.FromResult("first"));
        await ListenAsync(agent, (_, _) => Task.FromResult("second"));

        var ended = await Assert.ThrowsAsync<ParleyException>(() => first.Link.Completion.WaitAsync(Deadline.Shared, Stop));
        var result = await sender.AskAsync("bob", "who", Stop);

        Assert.Equal(ErrorCode.LinkReplaced, ended.Code);
        Assert.Equal("second", TestSender.TextOf(result));
    }

    [Fact]
    public async Task A_link_ends_when_its_agent_is_revoked_and_waits_for_no_tick_of_the_hubs_clock()
    {
        await ReopenOnAStandingClockAsync(_ => { });
        var (_, agent) = await ArrangeAsync();
        var listener = await ListenAsync(agent, Echo);

        await Near.Get<AgentRegistry>().RemoveAsync(agent.Address, Stop);
        var ended = await Assert.ThrowsAsync<ParleyException>(() => listener.Link.Completion.WaitAsync(Deadline.Shared, Stop));

        Assert.Equal(ErrorCode.AgentRevoked, ended.Code);
    }

    [Fact]
    public async Task A_run_that_a_crash_interrupted_is_answered_as_interrupted()
    {
        var (sender, agent) = await ArrangeAsync();

        var result = await AskAcrossACrashAsync(sender, agent, isSafeToRetry: false);

        Assert.Equal("responder.interrupted", result.Reply!.ErrorCode);
    }

    [Fact]
    public async Task A_run_that_a_crash_interrupted_runs_again_when_that_is_safe()
    {
        var (sender, agent) = await ArrangeAsync();

        var result = await AskAcrossACrashAsync(sender, agent, isSafeToRetry: true);

        Assert.Equal("echo crash", TestSender.TextOf(result));
    }

    [Fact]
    public async Task Nothing_is_lost_or_answered_twice_while_the_hub_restarts_in_order()
    {
        var (sender, agent) = await ArrangeAsync();
        var runs = 0;
        await ListenAsync(agent, DelegateResponder.OfText((request, _) =>
        {
            Interlocked.Increment(ref runs);
            return Echo(request, Stop);
        }));

        var asking = Task.Run(
            async () =>
            {
                var results = new List<SendResult>();
                for (var number = 0; number < 100; number++)
                {
                    results.Add(await sender.AskAsync("bob", $"{number}", Stop));
                }

                return results;
            },
            Stop);
        await Deadline.UntilAsync(() => Volatile.Read(ref runs) > 5, "some messages");
        await Near.StopAsync();
        await Near.StartAgainAsync();
        var results = await asking;

        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"echo {number}"), results.Select(TestSender.TextOf));
        Assert.Equal(100, runs);
    }

    [Fact]
    public async Task A_restarted_hub_still_holds_what_it_held()
    {
        var (sender, agent) = await ArrangeAsync();
        var held = await sender.SendAsync("bob", TestSender.Text("kept") with { Waits = false }, Stop);

        await Near.StopAsync();
        await Near.StartAgainAsync();
        await ListenAsync(agent, Echo);
        var result = await sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);

        Assert.Equal("echo kept", TestSender.TextOf(result));
    }

    [Fact]
    public async Task A_message_that_is_sent_while_the_hub_is_gone_goes_out_when_it_is_back()
    {
        var (sender, agent) = await ArrangeAsync();
        await Near.StopAsync();

        var asking = sender.AskAsync("bob", "patience", Stop);
        await Near.StartAgainAsync();
        await ListenAsync(agent, Echo);
        var result = await asking;

        Assert.Equal("echo patience", TestSender.TextOf(result));
    }

    private static async Task<List<string>> AskThreeTimesAsync(TestSender sender, string thread)
    {
        var answers = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            answers.Add(TestSender.TextOf(await sender.SendAsync("bob", TestSender.Text("x") with { Thread = thread }, Stop)));
        }

        return answers;
    }

    private async Task<SendResult> AskAcrossACrashAsync(TestSender sender, EnrolledAgent agent, bool isSafeToRetry)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var crashed = OpenJournal(agent);
        var first = await ListenAsync(
            agent,
            async (_, _) =>
            {
                started.TrySetResult();
                await new TaskCompletionSource<string>().Task;
                return "never";
            },
            new ListenSetup { Journal = crashed });
        var asking = sender.AskAsync("bob", "crash", Stop);
        await started.Task.WaitAsync(Deadline.Shared, Stop);
        await first.KillAsync();
        await crashed.DisposeAsync();

        var journal = OpenJournal(agent);
        var second = await ListenAsync(agent, Echo, new ListenSetup { Journal = journal, IsSafeToRetry = isSafeToRetry });
        var result = await asking;
        await second.DisposeAsync();
        await journal.DisposeAsync();
        return result;
    }

    private SqliteJournal OpenJournal(EnrolledAgent agent) =>
        SqliteJournal.Open(agent.Home.PathOf(SqliteJournal.FileName), Durability.Normal, TimeProvider.System, Near.Log.Factory.CreateLogger("journal"));
}
