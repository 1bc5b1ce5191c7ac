using Dapper;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Messaging;

/// <summary>Mailboxes and receipts in the database. It has no rules: <see cref="Router"/> and <see cref="Mailbox"/> decide, this writes down.</summary>
internal sealed class MailboxStore
{
    private const string HeadColumns = "row, receiver, sender, id, thread, kind, correlation, size, accepted_at AS AcceptedAtMs";

    private const string InsertSql =
        "INSERT INTO mailbox (receiver, sender, id, kind, correlation, thread, type, is_held, size, accepted_at, expires_at, envelope) " +
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING row";

    private const string ReceiptSql =
        "INSERT OR IGNORE INTO receipts (sender, id, state, receiver, at, code, message, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

    private const string KnownSql = "SELECT 1 FROM receipts WHERE sender = ?1 AND id = ?2 LIMIT 1";
    private const string DeleteSql = "DELETE FROM mailbox WHERE row = ?1";

    private const int MaxExpired = 1000;

    private readonly SqliteStore _store;

    /// <summary>Mailboxes in a store that has the schema.</summary>
    public MailboxStore(SqliteStore store) => _store = store;

    /// <summary>Moves an agent's rows to its new name; part of the commit that renames it.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to) => connection.Execute(
        "UPDATE mailbox SET receiver = @to WHERE receiver = @from; UPDATE mailbox SET sender = @to WHERE sender = @from; " +
        "UPDATE receipts SET sender = @to WHERE sender = @from; UPDATE receipts SET receiver = @to WHERE receiver = @from",
        new { from = from.ToString(), to = to.ToString() });

    /// <summary>Deletes what waits for an agent, in a session's hands or not, notes what became of it, and marks what waits from it; part of the commit that removes the agent.</summary>
    public static IReadOnlyList<StoredHead> Remove(SqliteConnection connection, AgentAddress agent, ReceiptEvent receipt, long keepUntilMs)
    {
        connection.Prepared("UPDATE mailbox SET is_orphan = 1 WHERE sender = ?1").Bind(1, agent.ToString()).Execute();
        var heads = connection.Query<HeadRow>($"SELECT {HeadColumns} FROM mailbox WHERE receiver = @receiver", new { receiver = agent.ToString() }).Select(row => row.ToHead()).ToList();
        foreach (var head in heads)
        {
            connection.Prepared(DeleteSql).Bind(1, head.Row).Execute();
            WriteReceipt(connection, head.Sender, head.Id, head.Receiver, receipt, keepUntilMs);
        }

        return heads;
    }

    /// <summary>Stores an envelope and its receipts in one commit.</summary>
    /// <param name="envelope">The envelope.</param>
    /// <param name="isHeld">Whether it waits for its sender to be accepted.</param>
    /// <param name="expiresAtMs">End of its time to live, Unix milliseconds.</param>
    /// <param name="receipts">What became of it so far.</param>
    /// <param name="names">Gives the names that sender and receiver have in this commit, or throws when the envelope may not be stored; null = those of the envelope.</param>
    /// <returns>The new row, or 0 when an envelope of this sender and id is, or was, in the store already.</returns>
    public Task<long> InsertAsync(Envelope envelope, bool isHeld, long expiresAtMs, IReadOnlyList<ReceiptEvent> receipts, Func<SqliteConnection, (string Sender, string Receiver)>? names = null) =>
        _store.WriteAsync(connection =>
        {
            var (sender, receiver) = names?.Invoke(connection) ?? (envelope.From, envelope.To);
            var known = connection.Prepared(KnownSql).Bind(1, sender).Bind(2, envelope.Id);
            var isKnown = known.Step();
            known.Reset();
            if (isKnown)
            {
                return 0L;
            }

            foreach (var receipt in receipts)
            {
                WriteReceipt(connection, sender, envelope.Id, receiver, receipt, expiresAtMs);
            }

            var statement = connection.Prepared(InsertSql).Bind(1, receiver).Bind(2, sender).Bind(3, envelope.Id).Bind(4, (int)envelope.Kind)
                .Bind(5, envelope.Correlation).Bind(6, envelope.Thread).Bind(7, (int)envelope.Type).Bind(8, isHeld ? 1 : 0).Bind(9, envelope.Body.Length)
                .Bind(10, envelope.AcceptedAtMs).Bind(11, expiresAtMs).Bind(12, envelope.ToByteArray());
            statement.Step();
            var row = statement.GetInt64(0);
            statement.Reset();
            return row;
        });

    /// <summary>How much each lane of each mailbox holds.</summary>
    public Task<IReadOnlyList<StoredHead>> LoadHeadsAsync() =>
        _store.ReadAsync<IReadOnlyList<StoredHead>>(connection =>
            connection.Query<HeadRow>($"SELECT {HeadColumns} FROM mailbox ORDER BY row").Select(row => row.ToHead()).ToList());

    /// <summary>The next requests for a mailbox, in order.</summary>
    /// <param name="receiver">Whose mailbox.</param>
    /// <param name="afterRow">Rows up to this one are left out.</param>
    /// <param name="maxCount">Most envelopes.</param>
    /// <param name="maxBytes">Stops after this many bytes, but never before the first.</param>
    /// <param name="nowMs">Expired ones are left out.</param>
    public Task<IReadOnlyList<StoredEnvelope>> NextAsync(string receiver, long afterRow, int maxCount, long maxBytes, long nowMs) =>
        _store.ReadAsync<IReadOnlyList<StoredEnvelope>>(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                "SELECT row, expires_at, envelope, sender, is_orphan FROM mailbox WHERE receiver = $receiver AND row > $after AND kind = $kind AND is_held = 0 " +
                "AND expires_at > $now ORDER BY row LIMIT $count";
            command.Parameters.AddWithValue("$receiver", receiver);
            command.Parameters.AddWithValue("$after", afterRow);
            command.Parameters.AddWithValue("$kind", (int)EnvelopeKind.Request);
            command.Parameters.AddWithValue("$now", nowMs);
            command.Parameters.AddWithValue("$count", maxCount);
            return ReadEnvelopes(command, receiver, maxBytes);
        });

    /// <summary>The stored replies to a request of the receiver, in order; the parameters are those of <see cref="NextAsync"/>.</summary>
    public Task<IReadOnlyList<StoredEnvelope>> RepliesAsync(string receiver, string correlation, long afterRow, int maxCount, long maxBytes, long nowMs) =>
        _store.ReadAsync<IReadOnlyList<StoredEnvelope>>(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                "SELECT row, expires_at, envelope, sender, is_orphan FROM mailbox WHERE receiver = $receiver AND row > $after AND kind = $kind AND correlation = $correlation " +
                "AND expires_at > $now ORDER BY row LIMIT $count";
            command.Parameters.AddWithValue("$receiver", receiver);
            command.Parameters.AddWithValue("$after", afterRow);
            command.Parameters.AddWithValue("$kind", (int)EnvelopeKind.Reply);
            command.Parameters.AddWithValue("$correlation", correlation);
            command.Parameters.AddWithValue("$now", nowMs);
            command.Parameters.AddWithValue("$count", maxCount);
            return ReadEnvelopes(command, receiver, maxBytes);
        });

    /// <summary>The requests of one thread, in order; the parameters are those of <see cref="NextAsync"/>.</summary>
    public Task<IReadOnlyList<StoredEnvelope>> OfThreadAsync(string receiver, string thread, long afterRow, int maxCount, long maxBytes, long nowMs) =>
        _store.ReadAsync<IReadOnlyList<StoredEnvelope>>(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText =
                "SELECT row, expires_at, envelope, sender, is_orphan FROM mailbox WHERE receiver = $receiver AND row > $after AND thread = $thread AND kind = $kind AND is_held = 0 " +
                "AND expires_at > $now ORDER BY row LIMIT $count";
            command.Parameters.AddWithValue("$receiver", receiver);
            command.Parameters.AddWithValue("$after", afterRow);
            command.Parameters.AddWithValue("$thread", thread);
            command.Parameters.AddWithValue("$kind", (int)EnvelopeKind.Request);
            command.Parameters.AddWithValue("$now", nowMs);
            command.Parameters.AddWithValue("$count", maxCount);
            return ReadEnvelopes(command, receiver, maxBytes);
        });

    /// <summary>What lies in a mailbox, without content, oldest first.</summary>
    public Task<(IReadOnlyList<MailboxItem> Items, long Total)> ListAsync(string receiver, int limit, int offset) =>
        _store.ReadAsync<(IReadOnlyList<MailboxItem>, long)>(connection =>
        {
            var items = connection.Query<MailboxItem>(
                "SELECT sender AS \"From\", id AS Id, kind AS Kind, type AS Type, thread AS Thread, correlation AS Correlation, is_held AS IsHeld, " +
                "size AS Size, accepted_at AS AcceptedAtMs, expires_at AS ExpiresAtMs FROM mailbox WHERE receiver = @receiver ORDER BY row LIMIT @limit OFFSET @offset",
                new { receiver, limit, offset }).ToList();
            return (items, connection.ExecuteScalar<long>("SELECT count(*) FROM mailbox WHERE receiver = @receiver", new { receiver }));
        });

    /// <summary>Deletes an acknowledged envelope and notes what became of it.</summary>
    public Task DeleteAsync(long row, string sender, string id, string receiver, ReceiptEvent receipt, long expiresAtMs) =>
        _store.WriteAsync(connection =>
        {
            WriteReceipt(connection, sender, id, receiver, receipt, expiresAtMs);
            return connection.Prepared(DeleteSql).Bind(1, row).Execute();
        });

    /// <summary>Deletes one that its sender withdrew; null when it is not there, or a session has it in hand.</summary>
    public Task<StoredHead?> TakeAsync(string sender, string id, ReceiptEvent receipt, long expiresAtMs, Func<string, long, bool> tryReserve) =>
        _store.WriteAsync(connection =>
        {
            var head = connection.QueryFirstOrDefault<HeadRow>(
                $"SELECT {HeadColumns} FROM mailbox WHERE sender = @sender AND id = @id", new { sender, id })?.ToHead();
            if (head is not null && !tryReserve(head.Receiver, head.Row))
            {
                return null;
            }

            if (head is not null)
            {
                connection.Execute("DELETE FROM mailbox WHERE row = @Row", new { head.Row });
                WriteReceipt(connection, sender, id, head.Receiver, receipt, expiresAtMs);
            }

            return head;
        });

    /// <summary>Deletes what expired, but not what a session has in hand.</summary>
    public Task<IReadOnlyList<StoredHead>> ExpireAsync(long nowMs, Func<string, long, bool> tryReserve, ReceiptEvent receipt, long keepUntilMs) =>
        _store.WriteAsync<IReadOnlyList<StoredHead>>(connection =>
        {
            // Read one after the other, since any number of them may be in hand.
            var due = connection.Query<HeadRow>($"SELECT {HeadColumns} FROM mailbox WHERE expires_at <= @nowMs ORDER BY expires_at", new { nowMs }, buffered: false)
                .Select(row => row.ToHead()).Where(head => tryReserve(head.Receiver, head.Row)).Take(MaxExpired).ToList();
            foreach (var head in due)
            {
                connection.Execute("DELETE FROM mailbox WHERE row = @Row", new { head.Row });
                WriteReceipt(connection, head.Sender, head.Id, head.Receiver, receipt, keepUntilMs);
            }

            connection.Execute("DELETE FROM receipts WHERE expires_at <= @nowMs", new { nowMs });
            return due;
        });

    /// <summary>Whether anything is due, so that the sweep writes only when there is something to write.</summary>
    public Task<bool> IsAnythingDueAsync(long nowMs) =>
        _store.ReadAsync(connection => connection.ExecuteScalar<long>(
            "SELECT EXISTS(SELECT 1 FROM mailbox WHERE expires_at <= @nowMs) OR EXISTS(SELECT 1 FROM receipts WHERE expires_at <= @nowMs)", new { nowMs }) != 0);

    /// <summary>Lets go of what waited for the receiver's owner to accept the sender; the receivers concerned.</summary>
    public Task<IReadOnlyList<string>> ReleaseHeldAsync(Func<string, string, bool> isAccepted) =>
        _store.WriteAsync<IReadOnlyList<string>>(connection =>
        {
            var pairs = connection.Query<(string Receiver, string Sender)>("SELECT DISTINCT receiver, sender FROM mailbox WHERE is_held = 1")
                .Where(pair => isAccepted(pair.Sender, pair.Receiver)).ToList();
            foreach (var (receiver, sender) in pairs)
            {
                connection.Execute("UPDATE mailbox SET is_held = 0 WHERE receiver = @receiver AND sender = @sender", new { receiver, sender });
            }

            return pairs.Select(pair => pair.Receiver).Distinct().ToList();
        });

    /// <summary>What the store knows of an envelope, oldest first; empty when it never had it.</summary>
    public Task<IReadOnlyList<Receipt>> ReceiptsAsync(string sender, string id) =>
        _store.ReadAsync<IReadOnlyList<Receipt>>(connection => ReadReceipts(connection, sender, id));

    private static List<Receipt> ReadReceipts(SqliteConnection connection, string sender, string id) =>
        connection.Query<(int State, long At, string Code, string Message, string Receiver)>(
            "SELECT state, at, code, message, receiver FROM receipts WHERE sender = @sender AND id = @id ORDER BY at, state", new { sender, id })
            .Select(row => new Receipt { Id = id, State = (ReceiptState)row.State, AtMs = row.At, Code = row.Code, Message = row.Message, To = row.Receiver })
            .ToList();

    private static int WriteReceipt(SqliteConnection connection, string sender, string id, string receiver, ReceiptEvent receipt, long expiresAtMs) =>
        connection.Prepared(ReceiptSql).Bind(1, sender).Bind(2, id).Bind(3, (int)receipt.State).Bind(4, receiver).Bind(5, receipt.AtMs)
            .Bind(6, receipt.Code).Bind(7, receipt.Message).Bind(8, expiresAtMs).Execute();

    private static List<StoredEnvelope> ReadEnvelopes(SqliteCommand command, string receiver, long maxBytes)
    {
        var found = new List<StoredEnvelope>();
        using var reader = command.ExecuteReader();
        long bytes = 0;
        while (bytes < maxBytes && reader.Read())
        {
            var content = reader.GetFieldValue<byte[]>(2);
            bytes += content.Length;
            var envelope = Envelope.Parser.ParseFrom(content);

            // The columns have today's names, the bytes those of the day they came.
            (envelope.To, envelope.From) = (receiver, reader.GetString(3));
            found.Add(new StoredEnvelope(reader.GetInt64(0), receiver, envelope, reader.GetInt64(1), reader.GetBoolean(4)));
        }

        return found;
    }

    private sealed class HeadRow
    {
        public long Row { get; set; }

        public string Receiver { get; set; } = string.Empty;

        public string Sender { get; set; } = string.Empty;

        public string Id { get; set; } = string.Empty;

        public string Thread { get; set; } = string.Empty;

        public int Kind { get; set; }

        public string Correlation { get; set; } = string.Empty;

        public int Size { get; set; }

        public long AcceptedAtMs { get; set; }

        public StoredHead ToHead() => new(Row, Receiver, Sender, Id, Thread, (EnvelopeKind)Kind, Correlation, Size, AcceptedAtMs);
    }
}

/// <summary>One line of an inbox.</summary>
internal sealed class MailboxItem
{
    /// <summary>The sender's canonical address.</summary>
    public string From { get; set; } = string.Empty;

    /// <summary>The envelope's id.</summary>
    public string Id { get; set; } = string.Empty;

    /// <summary>Request or reply, by number.</summary>
    public int Kind { get; set; }

    /// <summary>Message type, by number.</summary>
    public int Type { get; set; }

    /// <summary>The thread.</summary>
    public string Thread { get; set; } = string.Empty;

    /// <summary>For a reply the request's id.</summary>
    public string Correlation { get; set; } = string.Empty;

    /// <summary>Whether it waits for the sender to be accepted.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Bytes of the body.</summary>
    public int Size { get; set; }

    /// <summary>When it was accepted, Unix milliseconds.</summary>
    public long AcceptedAtMs { get; set; }

    /// <summary>End of its time to live, Unix milliseconds.</summary>
    public long ExpiresAtMs { get; set; }
}
