using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
using Parley.Protocol.Errors;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Journal;

public sealed class SqliteJournalTests : JournalSpec
{
    private readonly TempFolder _folder = new();
    private readonly LogSink _log = new();

    [Fact]
    public async Task What_a_process_left_is_found_by_the_next_oldest_first()
    {
        var stop = TestContext.Current.CancellationToken;
        foreach (var id in new[] { "z", "a", "m", "done" })
        {
            await Journal.ReceiveAsync(Request(id), false, stop);
        }

        await Journal.StartAsync(new JournalKey("acme.alice", "a"), stop);
        await Journal.AnswerAsync(new JournalKey("acme.alice", "m"), Request("r"), stop);
        await Journal.FinishAsync(new JournalKey("acme.alice", "done"), stop);
        await Journal.DisposeAsync();
        Journal = Open();
        var left = await Journal.LoadUnfinishedAsync(stop);

        Assert.Equal([("z", JournalState.Received), ("a", JournalState.Started), ("m", JournalState.Answered)], left.Select(entry => (entry.Key.Id, entry.State)));
        Assert.Equal(Request("z"), left[0].Envelope);
        Assert.Equal("r", left[2].Reply!.Id);
    }

    [Fact]
    public async Task What_one_process_received_is_new_to_no_other_and_stays_its_own_while_it_runs()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var other = Open(2);
        await Journal.ReceiveAsync(Request("a"), false, stop);

        var again = await other.ReceiveAsync(Request("a"), false, stop);
        var left = await other.LoadUnfinishedAsync(stop);

        Assert.False(again.IsNew);
        Assert.Empty(left);
        Assert.Equal([1], await other.OtherHoldersAsync(stop));
    }

    [Fact]
    public async Task What_a_process_that_is_gone_left_is_taken_over_once()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var other = Open(2);
        await Journal.ReceiveAsync(Request("a"), false, stop);
        await other.ReceiveAsync(Request("b"), false, stop);

        var taken = await other.TakeOverAsync(1, stop);
        var twice = await other.TakeOverAsync(1, stop);

        Assert.Equal("a", Assert.Single(taken).Key.Id);
        Assert.Empty(twice);
        Assert.Empty(await Journal.LoadUnfinishedAsync(stop));
        Assert.Equal(["a", "b"], (await other.LoadUnfinishedAsync(stop)).Select(entry => entry.Key.Id));
    }

    [Fact]
    public async Task A_person_answers_what_was_shown_and_nobody_answered_and_the_answer_outlives_the_process()
    {
        var stop = TestContext.Current.CancellationToken;
        var (shown, answered, underWork) = (new JournalKey("acme.alice", "shown"), new JournalKey("acme.alice", "answered"), new JournalKey("acme.alice", "work"));
        foreach (var key in new[] { shown, answered, underWork })
        {
            await Journal.ReceiveAsync(Request(key.Id), true, stop);
        }

        await Journal.FinishAsync(shown, stop);
        await Journal.AnswerAsync(answered, Request("r-1"), stop);
        await Journal.FinishAsync(answered, stop);
        await using var person = Open(2);
        await person.AnswerShownAsync(shown, Request("r-2"), stop);

        foreach (var key in new[] { shown, answered, underWork })
        {
            var refusal = await Assert.ThrowsAsync<ParleyException>(() => person.AnswerShownAsync(key, Request("r-3"), stop));
            Assert.Equal(ErrorCode.Conflict, refusal.Code);
        }

        var left = Assert.Single(await ((SqliteJournal)Journal).TakeOverAsync(2, stop));
        Assert.Equal((shown, JournalState.Answered, "r-2"), (left.Key, left.State, left.Reply!.Id));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        _log.Dispose();
    }

    private protected override IJournal Open() => Open(1);

    private SqliteJournal Open(int holder) =>
        SqliteJournal.Open(_folder.PathOf("journal.db"), Durability.Normal, Time, _log.Factory.CreateLogger("journal"), holder);
}
