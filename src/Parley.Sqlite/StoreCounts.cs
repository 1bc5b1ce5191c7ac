namespace Parley.Sqlite;

/// <summary>What the writer has done since it was opened.</summary>
/// <param name="Works">Works that were committed.</param>
/// <param name="Commits">Transactions that were committed.</param>
/// <param name="Failures">Works that failed because the store was unavailable.</param>
/// <param name="Queued">Works that wait now.</param>
public readonly record struct StoreCounts(long Works, long Commits, long Failures, int Queued);
