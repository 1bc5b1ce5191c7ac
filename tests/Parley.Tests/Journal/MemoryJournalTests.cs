using Parley.Client.Journal;

namespace Parley.Tests.Journal;

public sealed class MemoryJournalTests : JournalSpec
{
    private protected override IJournal Open() => new MemoryJournal(Time);
}
