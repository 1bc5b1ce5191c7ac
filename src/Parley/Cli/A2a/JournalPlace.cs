using Parley.Client.Config;
using Parley.Protocol.Errors;

namespace Parley.Cli.A2a;

/// <summary>The journal file that one listening process has to itself: two listeners of one home never take up each other's work.</summary>
internal sealed class JournalPlace : IDisposable
{
    private const int MaxListeners = 64;

    private readonly IDisposable _lock;

    private JournalPlace(string file, IDisposable held) => (File, _lock) = (file, held);

    /// <summary>The database file.</summary>
    public string File { get; }

    /// <summary>Takes the first place that no running process holds.</summary>
    public static JournalPlace Take(HomeFolder home)
    {
        for (var number = 1; number <= MaxListeners; number++)
        {
            var name = number == 1 ? "journal" : $"journal-{number}";
            if (home.TryLock(name) is { } held)
            {
                return new JournalPlace(home.PathOf(name + ".db"), held);
            }
        }

        throw new ParleyException(ErrorCode.Conflict, $"{MaxListeners} listeners of this home are running.");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
