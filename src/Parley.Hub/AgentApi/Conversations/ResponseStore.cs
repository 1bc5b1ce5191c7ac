using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.AgentApi.Conversations;

/// <summary>The rows of responses that can be followed. No rules but who may see one: its caller.</summary>
internal sealed class ResponseStore(SqliteStore store, IOptions<ConversationOptions> options, TimeProvider time)
{
    /// <summary>SQL of the migration.</summary>
    public const string Sql = """
        CREATE TABLE responses (
          id TEXT PRIMARY KEY,
          caller TEXT NOT NULL,
          agent TEXT NOT NULL,
          thread TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          expires_at INTEGER NOT NULL,
          transcript BLOB,
          body BLOB
        ) WITHOUT ROWID;
        CREATE INDEX responses_by_caller ON responses (caller, created_at);
        CREATE INDEX responses_by_expiry ON responses (expires_at);
        CREATE INDEX responses_by_transcript ON responses (transcript, caller) WHERE transcript IS NOT NULL;
        """;

    private const string Columns = "id, caller, agent, thread, created_at, expires_at, transcript, body";

    // A caller's rows are counted once in so many, since counting reads them.
    private const int CountEvery = 256;

    private int _added;

    /// <summary>Keeps a response.</summary>
    public Task AddAsync(KeptResponse response, CancellationToken cancellationToken)
    {
        var isCounting = Interlocked.Increment(ref _added) % CountEvery == 0;
        return store.WriteAsync(
            connection =>
            {
                Insert(connection, response);
                return isCounting ? DeleteBeyond(connection, response.Caller) : 0;
            },
            cancellationToken);
    }

    /// <summary>A caller's response; null for others' and for those that are gone.</summary>
    public Task<KeptResponse?> FindAsync(string caller, string id, CancellationToken cancellationToken) =>
        store.ReadAsync(connection => One(connection.Prepared($"SELECT {Columns} FROM responses WHERE id = ?1 AND caller = ?2 AND expires_at > ?3")
            .Bind(1, id).Bind(2, caller).Bind(3, Now)), cancellationToken);

    /// <summary>A caller's response after which the conversation stood as told; null for none. Nothing can follow it in this way again.</summary>
    public Task<KeptResponse?> TakeTranscriptAsync(string caller, string agent, byte[] transcript, CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            var found = One(connection.Prepared($"SELECT {Columns} FROM responses WHERE transcript = ?1 AND caller = ?2 AND agent = ?3 AND expires_at > ?4 LIMIT 1")
                .Bind(1, transcript).Bind(2, caller).Bind(3, agent).Bind(4, Now));
            if (found is not null)
            {
                connection.Prepared("UPDATE responses SET transcript = NULL WHERE id = ?1").Bind(1, found.Id).Execute();
            }

            return found;
        },
        cancellationToken);

    /// <summary>Forgets a caller's response.</summary>
    /// <returns>False when there was none.</returns>
    public Task<bool> DeleteAsync(string caller, string id, CancellationToken cancellationToken) =>
        store.WriteAsync(connection => connection.Prepared("DELETE FROM responses WHERE id = ?1 AND caller = ?2").Bind(1, id).Bind(2, caller).Execute() > 0, cancellationToken);

    /// <summary>Forgets what is due.</summary>
    public Task DeleteDueAsync() => store.WriteAsync(connection => connection.Prepared("DELETE FROM responses WHERE expires_at <= ?1").Bind(1, Now).Execute());

    /// <summary>Rows follow an agent to its new name; part of the rename's commit.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to) =>
        connection.Prepared("UPDATE responses SET agent = ?2 WHERE agent = ?1").Bind(1, from.ToString()).Bind(2, to.ToString()).Execute();

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static void Insert(SqliteConnection connection, KeptResponse response)
    {
        var row = connection.Prepared($"INSERT INTO responses ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
            .Bind(1, response.Id).Bind(2, response.Caller).Bind(3, response.Agent).Bind(4, response.Thread)
            .Bind(5, response.CreatedAt.ToUnixTimeMilliseconds()).Bind(6, response.ExpiresAt.ToUnixTimeMilliseconds());
        row = response.Transcript is { } transcript ? row.Bind(7, transcript) : row.BindNull(7);
        row = response.Body is { } body ? row.Bind(8, body) : row.BindNull(8);
        row.Execute();
    }

    private int DeleteBeyond(SqliteConnection connection, string caller) =>
        connection.Prepared("DELETE FROM responses WHERE caller = ?1 AND created_at <= (SELECT created_at FROM responses WHERE caller = ?1 ORDER BY created_at DESC LIMIT 1 OFFSET ?2)")
            .Bind(1, caller).Bind(2, options.Value.MaxKept).Execute();

    private static KeptResponse? One(SqliteStatement row)
    {
        var found = row.Step()
            ? new KeptResponse(
                row.GetText(0)!, row.GetText(1)!, row.GetText(2)!, row.GetText(3)!,
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))
            {
                Transcript = row.IsNull(6) ? null : row.GetBytes(6).ToArray(),
                Body = row.IsNull(7) ? null : row.GetBytes(7).ToArray(),
            }
            : null;
        row.Reset();
        return found;
    }
}
