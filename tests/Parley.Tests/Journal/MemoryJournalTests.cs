using Parley.Client.Journal;
using Parley.Protocol.Wire;

namespace Parley.Tests.Journal;

public sealed class MemoryJournalTests : JournalSpec
{
    private protected override IJournal Open() => new MemoryJournal(Time);

    [Fact]
    public async Task Beyond_its_limit_the_oldest_finished_message_is_forgotten()
    {
        var journal = new MemoryJournal(Time, maxDone: 2);
        foreach (var id in new[] { "a", "b", "c" })
        {
            var entry = await journal.ReceiveAsync(new Envelope { From = "acme.x", Id = id, TtlMs = 1000 }, false, TestContext.Current.CancellationToken);
            await journal.FinishAsync(entry.Key, TestContext.Current.CancellationToken);
        }

        Assert.Null(await journal.FindAsync("a", TestContext.Current.CancellationToken));
        Assert.Equal(JournalState.Done, (await journal.FindAsync("b", TestContext.Current.CancellationToken))?.State);
        Assert.Equal(JournalState.Done, (await journal.FindAsync("c", TestContext.Current.CancellationToken))?.State);
    }
}
