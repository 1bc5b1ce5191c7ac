using Microsoft.Data.Sqlite;

namespace Parley.Sqlite;

/// <summary>Brings what the store has committed to memory in the order of the commits.</summary>
/// <remarks>
/// Writers go on in any order after their commits, since many of them share one: applied as they come, what was changed and then deleted would be there again.
/// Each work takes its turn while it runs, on the store's one thread, and applies when all before it have. Nobody waits for a turn while the store works, so that commits are still shared.
/// </remarks>
/// <param name="store">The store.</param>
public sealed class CommitOrder(SqliteStore store)
{
    // Never fails: a turn whose work was refused ends as well.
    private Task _last = Task.CompletedTask;

    /// <summary>Writes, and then applies.</summary>
    /// <param name="work">Runs inside the commit.</param>
    /// <param name="apply">Brings the outcome to memory and tells of it; must be quick, and must not wait for another write.</param>
    /// <param name="cancellationToken">Heeded until the work starts.</param>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> work, Action<T> apply, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? before = null;
        try
        {
            var result = await store.WriteAsync(
                connection =>
                {
                    before = Interlocked.Exchange(ref _last, turn.Task);
                    return work(connection);
                },
                cancellationToken);
            await before!;
            apply(result);
            return result;
        }
        finally
        {
            // A work that was refused stands in the line too; those behind it go on after those before it.
            if (before is not null)
            {
                await before;
                turn.SetResult();
            }
        }
    }

    /// <summary>Reads a state that is not older than what was applied, and applies it before what is committed later.</summary>
    /// <param name="read">Reads one committed state.</param>
    /// <param name="apply">Brings it to memory and tells of it; must be quick, and must not wait for another write.</param>
    /// <param name="cancellationToken">Heeded until the read starts.</param>
    public async Task ReadAsync<T>(Func<SqliteConnection, T> read, Action<T> apply, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Interlocked.Exchange(ref _last, turn.Task);
        await before;
        try
        {
            apply(await store.ReadAsync(read, cancellationToken));
        }
        finally
        {
            turn.SetResult();
        }
    }
}
