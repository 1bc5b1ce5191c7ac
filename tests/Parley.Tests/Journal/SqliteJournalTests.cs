using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
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

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
        _log.Dispose();
    }

    private protected override IJournal Open() =>
        SqliteJournal.Open(_folder.PathOf("journal.db"), Durability.Normal, Time, _log.Factory.CreateLogger("journal"));
}
