using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Testing.Faults;

/// <summary>A store that takes back whatever does one thing, as SQLite does when the disk is full.</summary>
internal static class HeldUpStore
{
    /// <summary>From now on it does.</summary>
    /// <param name="hub">Whose store.</param>
    /// <param name="act">What it does not take: <c>UPDATE ON deliveries</c>, for example.</param>
    public static Task HoldUpAsync(HubFixture hub, string act) => ExecuteAsync(hub, $"CREATE TRIGGER held_up BEFORE {act} BEGIN SELECT RAISE(ROLLBACK, 'full'); END");

    /// <summary>From now on it takes everything again.</summary>
    public static Task LetGoAsync(HubFixture hub) => Deadline.UntilAsync(
        async () =>
        {
            try
            {
                await ExecuteAsync(hub, "DROP TRIGGER held_up");
                return true;
            }
            catch (StoreUnavailableException)
            {
                // It was in one commit with what is not taken.
                return false;
            }
        },
        "the store takes everything again");

    /// <summary>Waits until something was not taken; the log says so.</summary>
    public static Task FailedAsync(HubFixture hub) => Deadline.UntilAsync(() => hub.Log.ToString().Contains("Store cannot write", StringComparison.Ordinal), "a write to fail");

    private static Task ExecuteAsync(HubFixture hub, string sql) => hub.Get<SqliteStore>().WriteAsync(
        connection =>
        {
            using var command = new SqliteCommand(sql, connection);
            command.Transaction = null;
            command.ExecuteNonQuery();
        },
        CancellationToken.None);
}
