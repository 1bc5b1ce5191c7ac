using System.Collections.Concurrent;
using Parley.Client.Messaging;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>A listener that is killed with -9 while its program runs: handled once or reported as interrupted, and run again only where that was said to be safe.</summary>
public sealed class KilledListenerTests
{
    private const int Messages = 200;
    private const int AtOnce = 4;

    /// <summary>The program goes on only when the test says so.</summary>
    private const string WaitForWord = "while [ ! -e \"$0.go\" ]; do sleep 0.02; done";

    [Fact]
    public async Task A_message_whose_run_was_killed_is_reported_as_interrupted_and_does_not_run_again()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        var handler = new HandledOnce(hub.Data, WaitForWord);

        var result = await AskAcrossAKillAsync(agents, handler);

        Assert.Equal(ErrorMap.Of(ErrorCode.ResponderInterrupted).WireName, result.Reply!.ErrorCode);
        Assert.Equal(1, handler.Count);
    }

    [Fact]
    public async Task A_message_whose_run_was_killed_runs_again_where_that_is_safe()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        var handler = new HandledOnce(hub.Data, WaitForWord);

        var result = await AskAcrossAKillAsync(agents, handler, "--retry-safe");

        Assert.Equal("once", TestSender.TextOf(result));
        Assert.Equal(2, handler.Count);
    }

    [Fact]
    public async Task Every_message_is_handled_once_or_reported_when_the_listener_is_killed_again_and_again()
    {
        await using var hub = await HubProcess.StartAsync("--pair-rate", "0");
        await using var agents = await RealAgents.OfAsync(hub);
        var handler = new HandledOnce(hub.Data, "sleep 0.02");
        var sender = await EnrolBothAsync(agents);

        var listener = await agents.ListenAsync("b", "--exec", handler.Program);
        var sending = SendAllAsync(sender);
        foreach (var share in new[] { 0.1, 0.3, 0.5, 0.7 })
        {
            await handler.UntilAsync((int)(Messages * share));
            await KillWhileBusyAsync(listener);
            await listener.WaitForExitAsync();
            listener = await agents.ListenAsync("b", "--exec", handler.Program);
        }

        var results = await sending;
        var times = handler.Times();

        Assert.Equal(Messages, results.Count);
        Assert.All(results, item => Assert.True(item.Result.Reply is not null, $"{item.Text}: {item.Result.Status} {item.Result.Error?.Message}"));
        var (answered, interrupted) = (results.Where(item => !IsInterrupted(item.Result)).ToList(), results.Where(item => IsInterrupted(item.Result)).ToList());
        Assert.All(answered, item => Assert.Equal(item.Text, TestSender.TextOf(item.Result)));
        Assert.All(answered, item => Assert.Equal(1, times.GetValueOrDefault(item.Text)));
        Assert.All(interrupted, item => Assert.InRange(times.GetValueOrDefault(item.Text), 0, 1));
        Assert.InRange(interrupted.Count, 1, 4 * AtOnce);
    }

    [Fact]
    public async Task A_listener_that_takes_another_ones_place_runs_nothing_again_and_brings_the_answers_that_the_first_could_not()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        var handler = new HandledOnce(hub.Data, WaitForWord);
        var sender = await EnrolBothAsync(agents);
        var first = await agents.ListenAsync("b", "--exec", handler.Program);
        var asking = sender.SendAsync("b", TestSender.Text("once") with { Type = MessageType.Command }, null, CancellationToken.None);
        await handler.UntilAsync(1);

        await agents.ListenAsync("b", "--exec", handler.Program);
        await File.WriteAllTextAsync(handler.Program + ".go", string.Empty);
        var result = await asking;

        Assert.Equal(6, await first.WaitForExitAsync());
        Assert.Equal("once", TestSender.TextOf(result));
        Assert.Equal(1, handler.Count);
    }

    [Fact]
    public async Task Listeners_that_share_handle_every_message_once_when_one_of_them_is_killed()
    {
        await using var hub = await HubProcess.StartAsync("--pair-rate", "0");
        await using var agents = await RealAgents.OfAsync(hub);
        var handler = new HandledOnce(hub.Data, "sleep 0.02");
        var sender = await EnrolBothAsync(agents);
        var first = await agents.ListenAsync("b", "--exec", handler.Program, "--share");
        await agents.ListenAsync("b", "--exec", handler.Program, "--share");

        var sending = SendAllAsync(sender);
        await handler.UntilAsync(Messages / 4);
        await KillWhileBusyAsync(first);
        var results = await sending;
        var times = handler.Times();

        Assert.All(results, item => Assert.True(item.Result.Reply is not null, $"{item.Text}: {item.Result.Status} {item.Result.Error?.Message}"));
        Assert.All(results.Where(item => !IsInterrupted(item.Result)), item => Assert.Equal(1, times.GetValueOrDefault(item.Text)));
        Assert.All(times, entry => Assert.Equal(1, entry.Value));
        Assert.InRange(results.Count(item => IsInterrupted(item.Result)), 1, AtOnce);
    }

    // Halted, looked at, and let go on where it was between two messages.
    private static async Task KillWhileBusyAsync(RealProcess listener)
    {
        await Deadline.UntilAsync(
            () =>
            {
                listener.Halt();
                if (listener.HasChild())
                {
                    return true;
                }

                listener.GoOn();
                return false;
            },
            "the listener runs a message");
        listener.Kill();
    }

    private static bool IsInterrupted(SendResult result) => result.Reply?.ErrorCode == ErrorMap.Of(ErrorCode.ResponderInterrupted).WireName;

    private static async Task<Sender> EnrolBothAsync(RealAgents agents)
    {
        await agents.EnrolAsync("a");
        await agents.EnrolAsync("b");
        return await agents.SenderAsync("a");
    }

    private static async Task<SendResult> AskAcrossAKillAsync(RealAgents agents, HandledOnce handler, params string[] options)
    {
        var sender = await EnrolBothAsync(agents);
        var listener = await agents.ListenAsync("b", ["--exec", handler.Program, .. options]);
        var asking = sender.SendAsync("b", TestSender.Text("once") with { Type = MessageType.Command }, null, CancellationToken.None);
        await handler.UntilAsync(1);
        listener.Kill();
        await listener.WaitForExitAsync();
        await File.WriteAllTextAsync(handler.Program + ".go", string.Empty);
        await agents.ListenAsync("b", ["--exec", handler.Program, .. options]);
        return await asking;
    }

    private static async Task<List<(string Text, SendResult Result)>> SendAllAsync(Sender sender)
    {
        var results = new ConcurrentBag<(string, SendResult)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Messages),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce * 2 },
            async (number, cancellationToken) =>
                results.Add(($"m{number}", await sender.SendAsync("b", TestSender.Text($"m{number}") with { Type = MessageType.Command }, null, cancellationToken))));
        return [.. results];
    }
}
