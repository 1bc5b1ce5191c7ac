using System.Net;
using System.Text.Json;
using Parley.Client.PeerApi.Asking;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.HubTests.PeerApi;

public sealed class PeerTaskTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task W7_an_answer_that_takes_five_minutes_arrives_though_the_first_call_timed_out()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var held = new HeldAnswer("after five minutes");
        await using var pair = await PeerPair.StartAsync(held.Responder, time: clock);
        using var client = pair.Client();
        var ask = new PatientAsk(client, TimeSpan.FromMinutes(5), clock) { OnPending = _ => held.Release() };

        var asking = ask.AskAsync(new PeerQuestion("x", 5, TimeSpan.FromMinutes(15)), CancellationToken.None);
        await held.Asked;
        clock.Advance(TimeSpan.FromMinutes(5));
        var reply = await asking;

        Assert.Equal((PeerOutcome.Answered, "after five minutes"), (reply.Outcome, reply.Text));
    }

    [Fact]
    public async Task A_question_that_is_not_waited_for_is_polled()
    {
        var held = new HeldAnswer("done");
        await using var pair = await PeerPair.StartAsync(held.Responder);
        using var client = pair.Client();

        var begun = await client.BeginAsync("x", 5, null, _patience, CancellationToken.None);
        var meanwhile = await client.ReadTaskAsync(begun.Task!, TimeSpan.Zero, _patience, CancellationToken.None);
        held.Release();
        var end = await client.ReadTaskAsync(begun.Task!, _patience, _patience, CancellationToken.None);
        var again = await client.ReadTaskAsync(begun.Task!, _patience, _patience, CancellationToken.None);

        Assert.Equal([PeerOutcome.Pending, PeerOutcome.Pending, PeerOutcome.Answered, PeerOutcome.Answered], new[] { begun, meanwhile, end, again }.Select(reply => reply.Outcome));
        Assert.Equal("done", again.Text);
    }

    [Fact]
    public async Task W8_nobody_else_reads_or_cancels_a_task()
    {
        var held = new HeldAnswer("mine");
        await using var pair = await PeerPair.StartAsync(held.Responder);
        using var alpha = pair.Client();
        using var gamma = pair.Client("gamma");
        var begun = await alpha.BeginAsync("x", 5, null, _patience, CancellationToken.None);

        var read = await gamma.ReadTaskAsync(begun.Task!, TimeSpan.Zero, _patience, CancellationToken.None);
        var cancelled = await gamma.CancelTaskAsync(begun.Task!, _patience, CancellationToken.None);
        held.Release();

        Assert.Equal((PeerOutcome.TaskUnknown, PeerOutcome.TaskUnknown), (read.Outcome, cancelled.Outcome));
        Assert.False(await held.WasCancelled);
    }

    [Fact]
    public async Task Cancelling_stops_the_work()
    {
        await using var pair = await PeerPair.StartAsync(DelegateResponder.OfText(async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return "never";
        }));
        using var client = pair.Client();
        var begun = await client.BeginAsync("x", 5, null, _patience, CancellationToken.None);

        var cancelled = await client.CancelTaskAsync(begun.Task!, _patience, CancellationToken.None);
        var after = await client.ReadTaskAsync(begun.Task!, TimeSpan.Zero, _patience, CancellationToken.None);

        Assert.Equal((PeerOutcome.Canceled, PeerOutcome.Canceled), (cancelled.Outcome, after.Outcome));
    }

    [Fact]
    public async Task A_failure_is_kept_with_its_reason()
    {
        await using var pair = await PeerPair.StartAsync(DelegateResponder.OfText((_, _) => throw new ParleyException(ErrorCode.ResponderFailed, "It broke.")));
        using var client = pair.Client();
        var begun = await client.BeginAsync("x", 5, null, _patience, CancellationToken.None);

        var end = await client.ReadTaskAsync(begun.Task!, _patience, _patience, CancellationToken.None);

        Assert.Equal(PeerOutcome.PeerError, end.Outcome);
        Assert.Contains("It broke.", end.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_there_is_not_is_unknown()
    {
        await using var pair = await PeerPair.StartAsync(DelegateResponder.OfText((_, _) => Task.FromResult("x")));

        var unknown = await pair.SendAsync("GET", "/v1/tasks/nothing", "");
        var deeper = await pair.SendAsync("GET", "/v1/tasks/x/y", "");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (unknown.StatusCode, deeper.StatusCode));
        Assert.Contains("task_not_found", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_card_tells_the_load()
    {
        var held = new HeldAnswer("x");
        await using var pair = await PeerPair.StartAsync(held.Responder);
        using var client = pair.Client();
        await client.BeginAsync("x", 5, null, _patience, CancellationToken.None);
        await held.Asked;

        var card = await client.ReadCardAsync(_patience, CancellationToken.None);
        held.Release();

        Assert.Equal(0.25, JsonDocument.Parse(card.Text).RootElement.GetProperty("load").GetDouble());
    }
}
