using Parley.Client.Config;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;

namespace Parley.Cli.A2a;

/// <summary>One listening process's place in the journal of its home: a number that is its own while it runs, however it ends.</summary>
internal sealed class JournalPlace : IDisposable
{
    private const int MaxListeners = 64;

    private readonly HomeFolder _home;
    private readonly IDisposable _lock;

    private JournalPlace(HomeFolder home, int number, IDisposable held) => (_home, Number, _lock) = (home, number, held);

    /// <summary>The number.</summary>
    public int Number { get; }

    /// <summary>The database file, which all places of the home share.</summary>
    public string File => _home.PathOf(SqliteJournal.FileName);

    /// <summary>Takes the first place that no running process holds.</summary>
    public static JournalPlace Take(HomeFolder home)
    {
        for (var number = 1; number <= MaxListeners; number++)
        {
            if (home.TryLock(LockOf(number)) is { } held)
            {
                return new JournalPlace(home, number, held);
            }
        }

        throw new ParleyException(ErrorCode.Conflict, $"{MaxListeners} listeners of this home are running.");
    }

    /// <summary>Hands the listener what processes that are gone left unfinished in the journal.</summary>
    public async Task TakeOverAsync(SqliteJournal journal, Listener listener, CancellationToken cancellationToken)
    {
        foreach (var holder in await journal.OtherHoldersAsync(cancellationToken))
        {
            // Held meanwhile, so that nobody starts in the place whose work moves away.
            using var held = _home.TryLock(LockOf(holder));
            if (held is not null)
            {
                listener.TakeUp(await journal.TakeOverAsync(holder, cancellationToken));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static string LockOf(int number) => number == 1 ? "journal" : $"journal-{number}";
}
