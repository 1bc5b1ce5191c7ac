using Dapper;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Client.Journal;

/// <summary>The journal in <c>journal.db</c> of the home folder, shared by all listening processes of the home: what one of them received is new to none of the others.</summary>
/// <remarks>Each process is a holder with a number of its own, and takes up only what it holds, or what a holder that is gone left. Content is erased when an envelope is done: from the row at once, from the write-ahead log with the next <see cref="PruneAsync"/>.</remarks>
public sealed class SqliteJournal : IJournal
{
    /// <summary>The file's name in the home folder.</summary>
    public const string FileName = "journal.db";

    private const string InsertSql =
        "INSERT OR IGNORE INTO received (sender, id, state, received_at, expires_at, envelope, holder) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    private const string UnfinishedOfHolder = "WHERE state < 4 AND holder = @holder ORDER BY received_at, rowid";
    private const string StartSql = "UPDATE received SET state = 2 WHERE sender = ?1 AND id = ?2";
    private const string AnswerSql = "UPDATE received SET state = 3, reply = ?3, envelope = NULL, is_answered = 1 WHERE sender = ?1 AND id = ?2";

    private const string AnswerShownSql =
        "UPDATE received SET state = 3, reply = ?3, is_answered = 1, holder = ?4 WHERE sender = ?1 AND id = ?2 AND state = 4 AND is_answered = 0";

    private const string FinishSql = "UPDATE received SET state = 4, reply = NULL, envelope = NULL WHERE sender = ?1 AND id = ?2";

    private static readonly Migration[] _migrations =
    [
        new(1, "received", """
            CREATE TABLE received (
              sender TEXT NOT NULL,
              id TEXT NOT NULL,
              state INTEGER NOT NULL,
              received_at INTEGER NOT NULL,
              expires_at INTEGER NOT NULL,
              envelope BLOB,
              reply BLOB,
              PRIMARY KEY (sender, id)
            );
            CREATE INDEX received_by_expiry ON received (expires_at);
            CREATE INDEX received_unfinished ON received (received_at) WHERE state < 4;
            CREATE INDEX received_by_id ON received (id);
            """),
        new(2, "holders", "ALTER TABLE received ADD COLUMN holder INTEGER NOT NULL DEFAULT 1"),
        new(3, "answered", "ALTER TABLE received ADD COLUMN is_answered INTEGER NOT NULL DEFAULT 0"),
    ];

    private readonly SqliteStore _store;
    private readonly TimeProvider _time;
    private readonly int _holder;
    private int _erased;

    private SqliteJournal(SqliteStore store, TimeProvider time, int holder)
    {
        _store = store;
        _time = time;
        _holder = holder;
    }

    /// <summary>Opens the journal of a home.</summary>
    /// <param name="file">The file.</param>
    /// <param name="durability">What a noted fact survives.</param>
    /// <param name="time">Clock; only its own differences count, never the hub's time.</param>
    /// <param name="logger">Lifecycle.</param>
    /// <param name="holder">Number of this process among those that listen in the home at the same time.</param>
    public static SqliteJournal Open(string file, Durability durability, TimeProvider time, ILogger logger, int holder = 1) =>
        new(SqliteStore.Open(new SqliteStoreOptions { File = file, Durability = durability, Readers = 1 }, _migrations, logger, time), time, holder);

    /// <inheritdoc/>
    public Task<JournalEntry> ReceiveAsync(Envelope envelope, bool isStarted, CancellationToken cancellationToken)
    {
        var key = new JournalKey(envelope.From, envelope.Id);
        var state = isStarted ? JournalState.Started : JournalState.Received;
        var now = NowMs();
        return _store.WriteAsync(
            connection =>
            {
                var count = connection.Prepared(InsertSql).Bind(1, key.Sender).Bind(2, key.Id).Bind(3, (int)state).Bind(4, now)
                    .Bind(5, now + (long)envelope.TtlMs).Bind(6, envelope.ToByteArray()).Bind(7, _holder).Execute();
                return count == 1
                    ? new JournalEntry(key, state, IsNew: true, envelope, null)
                    : Read(connection, "WHERE sender = @Sender AND id = @Id", key)[0];
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task StartAsync(JournalKey key, CancellationToken cancellationToken) =>
        _store.WriteAsync(connection => connection.Prepared(StartSql).Bind(1, key.Sender).Bind(2, key.Id).Execute(), cancellationToken);

    /// <inheritdoc/>
    public Task AnswerAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken) =>
        _store.WriteAsync(
            connection => connection.Prepared(AnswerSql).Bind(1, key.Sender).Bind(2, key.Id).Bind(3, reply.ToByteArray()).Execute(), cancellationToken);

    /// <inheritdoc/>
    public Task FinishAsync(JournalKey key, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _erased, 1);
        return _store.WriteAsync(
            connection => connection.Prepared(FinishSql).Bind(1, key.Sender).Bind(2, key.Id).Execute(), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalEntry>> LoadUnfinishedAsync(CancellationToken cancellationToken) =>
        _store.ReadAsync<IReadOnlyList<JournalEntry>>(connection => Read(connection, UnfinishedOfHolder, new { holder = _holder }), cancellationToken);

    /// <summary>The numbers of other holders that have something unfinished.</summary>
    public Task<IReadOnlyList<int>> OtherHoldersAsync(CancellationToken cancellationToken) =>
        _store.ReadAsync<IReadOnlyList<int>>(
            connection => connection.Query<int>("SELECT DISTINCT holder FROM received WHERE state < 4 AND holder <> @holder", new { holder = _holder }).AsList(), cancellationToken);

    /// <summary>Takes over what another holder left unfinished, oldest first. The caller knows that it is gone and stays so meanwhile.</summary>
    public Task<IReadOnlyList<JournalEntry>> TakeOverAsync(int holder, CancellationToken cancellationToken) =>
        _store.WriteAsync<IReadOnlyList<JournalEntry>>(
            connection =>
            {
                var left = Read(connection, UnfinishedOfHolder, new { holder });
                connection.Execute("UPDATE received SET holder = @own WHERE state < 4 AND holder = @holder", new { own = _holder, holder });
                return left;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<JournalEntry?> FindAsync(string id, CancellationToken cancellationToken) =>
        _store.ReadAsync(
            connection =>
            {
                var found = Read(connection, "WHERE id >= @id AND id < @id || 'zzzz' AND substr(id, 1, length(@id)) = @id LIMIT 2", new { id });
                return found.Count == 1 ? found[0] : null;
            },
            cancellationToken);

    /// <summary>Notes a person's reply to a message that was shown and that nobody has answered; this process holds it from now on.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: it was answered, or a responder works on it.</exception>
    public Task AnswerShownAsync(JournalKey key, Envelope reply, CancellationToken cancellationToken) =>
        _store.WriteAsync(
            connection =>
            {
                var count = connection.Prepared(AnswerShownSql).Bind(1, key.Sender).Bind(2, key.Id).Bind(3, reply.ToByteArray()).Bind(4, _holder).Execute();
                return count == 1 ? true : throw new ParleyException(
                    ErrorCode.Conflict,
                    connection.ExecuteScalar<bool>("SELECT is_answered FROM received WHERE sender = @Sender AND id = @Id", key)
                        ? "This message was answered already; the first answer stands."
                        : "A responder works on this message and will answer it.");
            },
            cancellationToken);

    /// <inheritdoc/>
    public async Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        var now = NowMs();
        var count = await _store.WriteAsync(
            connection => connection.Execute("DELETE FROM received WHERE expires_at <= @now AND state = 4", new { now }), cancellationToken);
        if (Interlocked.Exchange(ref _erased, 0) == 1 || count > 0)
        {
            await _store.ScrubAsync(cancellationToken);
        }

        return count;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static List<JournalEntry> Read(SqliteConnection connection, string where, object parameters) =>
        connection.Query<(string Sender, string Id, long State, byte[]? Envelope, byte[]? Reply)>(
            $"SELECT sender, id, state, envelope, reply FROM received {where}", parameters)
            .Select(row => new JournalEntry(
                new JournalKey(row.Sender, row.Id), (JournalState)row.State, IsNew: false, ParseOrNull(row.Envelope), ParseOrNull(row.Reply)))
            .ToList();

    private static Envelope? ParseOrNull(byte[]? bytes) => bytes is null ? null : Envelope.Parser.ParseFrom(bytes);

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
