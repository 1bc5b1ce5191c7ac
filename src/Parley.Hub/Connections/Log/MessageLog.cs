using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Parley.Hub.Telemetry;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Log;

/// <summary>Writes the table <c>a2a_messages</c>: one outgoing and one incoming row for each routed message, linked by its id.</summary>
/// <remarks>
/// Nobody waits for it: rows go through a bounded queue and are written in batches; what does not fit is counted.
/// Content is written in mode <see cref="MessageLogMode.Full"/> alone (DECISIONS 19, 20), without credentials, and only while it is small: <see cref="LogRedaction"/>, <see cref="LogOptions"/>.
/// </remarks>
internal sealed partial class MessageLog : IAsyncDisposable
{
    private const int BatchLength = 2048;
    private const int DeleteLength = 5000;

    private readonly SqliteStore _store;
    private readonly LogPolicy _policy;
    private readonly LogOptions _options;
    private readonly Func<string, IReadOnlyList<string>> _secrets;
    private readonly MessageTelemetry _telemetry;
    private readonly ILogger<MessageLog> _logger;
    private readonly Channel<LogRow> _queue;
    private readonly Task _writing;
    private long _dropped;
    private long _queuedContent;

    /// <summary>A log into a store that has the table.</summary>
    /// <param name="store">Where the table is.</param>
    /// <param name="policy">What is kept.</param>
    /// <param name="options">Limits.</param>
    /// <param name="secrets">An owner's secrets, which do not stand in content.</param>
    /// <param name="telemetry">Told of each outcome, whatever the mode.</param>
    /// <param name="logger">Told when rows are lost.</param>
    public MessageLog(
        SqliteStore store, LogPolicy policy, LogOptions options, Func<string, IReadOnlyList<string>> secrets, MessageTelemetry telemetry, ILogger<MessageLog> logger)
    {
        (_store, _policy, _options, _secrets, _telemetry, _logger) = (store, policy, options, secrets, telemetry, logger);
        _queue = Channel.CreateBounded<LogRow>(new BoundedChannelOptions(options.QueueLength) { SingleReader = true });
        _writing = policy.Mode == MessageLogMode.Off ? Task.CompletedTask : Task.Run(WriteAsync);
    }

    /// <summary>Told of each envelope that reached its receiver, whatever the mode.</summary>
    public Action<Envelope>? Arrived { get; set; }

    /// <summary>Rows that found the queue full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>An envelope was accepted and waits in a mailbox.</summary>
    public void Sent(Envelope envelope)
    {
        _telemetry.Stored(envelope);
        Add(envelope, "sent", string.Empty, 0, isIncomingToo: false);
    }

    /// <summary>An envelope reached its receiver.</summary>
    public void Delivered(Envelope envelope, long atMs)
    {
        _telemetry.Delivered(envelope, atMs);
        Arrived?.Invoke(envelope);
        Add(envelope, "delivered", string.Empty, atMs - envelope.AcceptedAtMs, isIncomingToo: true);
    }

    /// <summary>An envelope will not reach its receiver.</summary>
    public void Failed(Envelope envelope, string errorCode)
    {
        _telemetry.Failed(envelope, errorCode);
        Add(envelope, "failed", errorCode, 0, isIncomingToo: false);
    }

    /// <summary>Moves an agent's rows to its new name; part of the commit that renames it.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to) => connection.Execute(
        "UPDATE OR IGNORE a2a_messages SET agent = @to WHERE agent = @from; UPDATE OR IGNORE a2a_messages SET peer = @to WHERE peer = @from",
        new { from = from.ToString(), to = to.ToString() });

    /// <summary>Deletes rows older than a time; how many. A few thousand at a time, so that others come between.</summary>
    public async Task<int> DeleteBeforeAsync(long createdBeforeMs)
    {
        var total = 0;
        int count;
        do
        {
            count = await _store.WriteAsync(connection => connection.Prepared(
                "DELETE FROM a2a_messages WHERE id IN (SELECT id FROM a2a_messages WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)")
                .Bind(1, createdBeforeMs).Bind(2, DeleteLength).Execute());
            total += count;
        }
        while (count == DeleteLength);

        return total;
    }

    /// <summary>Writes what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
    }

    private void Add(Envelope envelope, string status, string error, long latencyMs, bool isIncomingToo)
    {
        if (_policy.Mode == MessageLogMode.Off || envelope.Kind is not (EnvelopeKind.Request or EnvelopeKind.Reply))
        {
            return;
        }

        var connection = _policy.ConnectionOf(envelope);
        var head = MessageHead.Of(envelope);
        var (sender, receiver) = (_policy.For(envelope.From, connection), isIncomingToo ? _policy.For(envelope.To, connection) : MessageLogMode.Off);
        var content = sender == MessageLogMode.Full || receiver == MessageLogMode.Full ? ContentOf(envelope) : null;
        if (sender != MessageLogMode.Off)
        {
            Enqueue(new LogRow(head, true, connection?.Id, status, error, latencyMs, sender == MessageLogMode.Full ? content : null));
        }

        if (receiver != MessageLogMode.Off)
        {
            Enqueue(new LogRow(head, false, connection?.Id, status, error, latencyMs, receiver == MessageLogMode.Full ? content : null));
        }
    }

    // Content waits in memory: when there is too much of it, rows go without.
    private string ContentOf(Envelope envelope) =>
        envelope.Body.Length <= _options.MaxContentBytes && Interlocked.Read(ref _queuedContent) + envelope.Body.Length <= _options.MaxQueuedBytes
            ? MessageText.Of(envelope)
            : MessageText.SizeOf(envelope);

    private void Enqueue(LogRow row)
    {
        Interlocked.Add(ref _queuedContent, row.Content?.Length ?? 0);
        if (!_queue.Writer.TryWrite(row))
        {
            Interlocked.Add(ref _queuedContent, -(row.Content?.Length ?? 0));
            Interlocked.Increment(ref _dropped);
        }
    }

    private async Task WriteAsync()
    {
        var rows = new List<LogRow>(BatchLength);
        while (await _queue.Reader.WaitToReadAsync())
        {
            rows.Clear();
            var secrets = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
            while (rows.Count < BatchLength && _queue.Reader.TryRead(out var row))
            {
                Interlocked.Add(ref _queuedContent, -(row.Content?.Length ?? 0));
                rows.Add(row);
            }

            try
            {
                Redact(rows, secrets);
                await _store.WriteAsync(connection => Insert(connection, rows));
            }
            catch (StoreUnavailableException exception)
            {
                Interlocked.Add(ref _dropped, rows.Count);
                LogRowsLost(rows.Count, exception);
            }
            catch (Exception exception)
            {
                Interlocked.Add(ref _dropped, rows.Count);
                LogFailed(rows.Count, exception);
            }
        }
    }

    private void Redact(List<LogRow> rows, Dictionary<string, IReadOnlyList<string>> secrets)
    {
        for (var index = 0; index < rows.Count; index++)
        {
            if (rows[index].Content is { } content)
            {
                rows[index] = rows[index] with { Content = LogRedaction.Of(content, SecretsOf(rows[index].Owner, secrets)) };
            }
        }
    }

    // Opened once for each batch, and kept no longer.
    private IReadOnlyList<string> SecretsOf(string owner, Dictionary<string, IReadOnlyList<string>> known)
    {
        if (!known.TryGetValue(owner, out var secrets))
        {
            known[owner] = secrets = LogRedaction.Searched(_secrets(owner));
        }

        return secrets;
    }

    private static void Insert(SqliteConnection connection, List<LogRow> rows)
    {
        foreach (var row in rows)
        {
            connection.Prepared(
                "INSERT INTO a2a_messages (direction, message_id, owner, agent, peer, type, thread, correlation, status, error, latency_ms, created_at, content, connection_id) " +
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) " +
                "ON CONFLICT (agent, created_at, message_id, direction, peer) DO UPDATE SET status = excluded.status, error = excluded.error, latency_ms = excluded.latency_ms")
                .Bind(1, row.IsOutgoing ? "outgoing" : "incoming").Bind(2, row.Message.Id).Bind(3, row.Owner).Bind(4, row.Agent).Bind(5, row.Peer).Bind(6, row.Message.Type)
                .Bind(7, ThreadOf(row)).Bind(8, row.Message.Correlation).Bind(9, row.Status).Bind(10, row.Error).Bind(11, row.LatencyMs)
                .Bind(12, row.Message.AcceptedAtMs).Bind(13, row.Content).Bind(14, row.ConnectionId).Execute();
        }
    }

    /// <summary>A thread's name is the sender's own words: without content in the log it stands there as a hash, which still groups the rows of a conversation.</summary>
    private static string ThreadOf(LogRow row) => row.Message.Thread.Length == 0 || row.Content is not null
        ? row.Message.Thread
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(row.Message.Thread)).AsSpan(0, 8));

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} rows of the message log were lost: the store takes nothing")]
    private partial void LogRowsLost(int count, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} rows of the message log were lost to a defect")]
    private partial void LogFailed(int count, Exception exception);
}
