using Parley.Protocol.Wire;

namespace Parley.Client.Journal;

/// <summary>What this machine received and answered, so that an envelope is handled once, across lost links and crashes.</summary>
/// <remarks>
/// <code>
///   received --> started --> answered --> done (kept until the time to live ends)
///                   | crash: answered as interrupted, or run again when the work is safe to repeat
/// </code>
/// Calls for different envelopes may overlap. A task completes when its fact is as safe as the journal makes it.
/// </remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>Notes an envelope, already as started when work on it begins at once.</summary>
    /// <returns>What is known of it: a new entry, or an earlier one, with its reply if there is one.</returns>
    Task<JournalEntry> ReceiveAsync(Envelope envelope, bool isStarted, CancellationToken cancellationToken);

    /// <summary>Notes that work begins.</summary>
    Task StartAsync(JournalKey key, CancellationToken cancellationToken);

    /// <summary>Notes the reply before it is sent.</summary>
    Task AnswerAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken);

    /// <summary>Notes that nothing more is to be done for it: the reply was accepted, or there will be none.</summary>
    Task FinishAsync(JournalKey key, CancellationToken cancellationToken);

    /// <summary>Entries that are not done, oldest first: what a process that ended left behind.</summary>
    Task<IReadOnlyList<JournalEntry>> LoadUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>The entry of one envelope, by the start of its id; null when there is none or more than one.</summary>
    Task<JournalEntry?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Forgets entries whose time to live has ended; how many.</summary>
    Task<int> PruneAsync(CancellationToken cancellationToken);
}

/// <summary>Names an envelope: ids are unique per sender.</summary>
/// <param name="Sender">The sender's canonical address.</param>
/// <param name="Id">The envelope's id.</param>
public readonly record struct JournalKey(string Sender, string Id)
{
    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);
}

/// <summary>How far an envelope has come.</summary>
public enum JournalState
{
    /// <summary>Safe here, no work has begun.</summary>
    Received = 1,

    /// <summary>Work began; a crash now leaves its outcome unknown.</summary>
    Started = 2,

    /// <summary>The reply stands in the journal and is being sent.</summary>
    Answered = 3,

    /// <summary>Nothing is left to do.</summary>
    Done = 4,
}

/// <summary>What the journal knows of an envelope.</summary>
/// <param name="Key">Which one.</param>
/// <param name="State">How far it has come.</param>
/// <param name="IsNew">Whether this call brought it in.</param>
/// <param name="Envelope">The envelope, while something is left to do.</param>
/// <param name="Reply">The reply, until it was accepted.</param>
public sealed record JournalEntry(JournalKey Key, JournalState State, bool IsNew, Envelope? Envelope, Envelope? Reply);
