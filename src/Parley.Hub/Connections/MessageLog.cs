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

namespace Parley.Hub.Connections;

/// <summary>The table <c>a2a_messages</c>: one outgoing and one incoming row for each routed message, linked by its id.</summary>
/// <remarks>
/// Nobody waits for it: rows go through a bounded queue and are written in batches; what does not fit is counted.
/// Content is written in mode <see cref="MessageLogMode.Full"/> alone (DECISIONS 19, 20).
/// </remarks>
internal sealed partial class MessageLog : IAsyncDisposable
{
    private const int BatchLength = 2048;

    private readonly SqliteStore _store;
    private readonly MessageLogMode _mode;
    private readonly MessageTelemetry _telemetry;
    private readonly ILogger<MessageLog> _logger;
    private readonly Channel<Row> _queue;
    private readonly Task _writing;
    private long _dropped;

    /// <summary>A log into a store that has the table.</summary>
    /// <param name="store">Where the table is.</param>
    /// <param name="mode">What is kept.</param>
    /// <param name="queueLength">Rows that may wait for the store.</param>
    /// <param name="telemetry">Told of each outcome, whatever the mode.</param>
    /// <param name="logger">Told when rows are lost.</param>
    public MessageLog(SqliteStore store, MessageLogMode mode, int queueLength, MessageTelemetry telemetry, ILogger<MessageLog> logger)
    {
        _store = store;
        _mode = mode;
        _telemetry = telemetry;
        _logger = logger;
        _queue = Channel.CreateBounded<Row>(new BoundedChannelOptions(queueLength) { SingleReader = true });
        _writing = mode == MessageLogMode.Off ? Task.CompletedTask : Task.Run(WriteAsync);
    }

    /// <summary>Told of each envelope that reached its receiver, whatever the mode.</summary>
    public Action<Envelope>? Arrived { get; set; }

    /// <summary>Rows that found the queue full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>An envelope was accepted and waits in a mailbox.</summary>
    public void Sent(Envelope envelope)
    {
        _telemetry.Stored(envelope);
        Add(envelope, "outgoing", "sent", string.Empty, 0);
    }

    /// <summary>An envelope reached its receiver.</summary>
    public void Delivered(Envelope envelope, long atMs)
    {
        _telemetry.Delivered(envelope, atMs);
        Arrived?.Invoke(envelope);
        Add(envelope, "outgoing", "delivered", string.Empty, atMs - envelope.AcceptedAtMs);
        Add(envelope, "incoming", "delivered", string.Empty, atMs - envelope.AcceptedAtMs);
    }

    /// <summary>An envelope will not reach its receiver.</summary>
    public void Failed(Envelope envelope, string errorCode)
    {
        _telemetry.Failed(envelope, errorCode);
        Add(envelope, "outgoing", "failed", errorCode, 0);
    }

    /// <summary>Moves an agent's rows to its new name; part of the commit that renames it.</summary>
    public static void Rename(SqliteConnection connection, AgentAddress from, AgentAddress to) => connection.Execute(
        "UPDATE OR IGNORE a2a_messages SET agent = @to WHERE agent = @from; UPDATE a2a_messages SET peer = @to WHERE peer = @from",
        new { from = from.ToString(), to = to.ToString() });

    /// <summary>Deletes rows older than a time; how many.</summary>
    public Task<int> DeleteBeforeAsync(long createdBeforeMs) =>
        _store.WriteAsync(connection => connection.Execute("DELETE FROM a2a_messages WHERE created_at < @createdBeforeMs", new { createdBeforeMs }));

    /// <summary>Writes what is queued, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
    }

    private void Add(Envelope envelope, string direction, string status, string error, long latencyMs)
    {
        if (_mode == MessageLogMode.Off || envelope.Kind is not (EnvelopeKind.Request or EnvelopeKind.Reply))
        {
            return;
        }

        var isOutgoing = direction == "outgoing";
        var row = new Row(
            direction,
            envelope.Id,
            isOutgoing ? envelope.From : envelope.To,
            isOutgoing ? envelope.To : envelope.From,
            TypeOf(envelope),
            envelope.Thread,
            envelope.Correlation,
            status,
            error,
            latencyMs,
            envelope.AcceptedAtMs,
            _mode == MessageLogMode.Full ? MessageText.Of(envelope) : null);
        if (!_queue.Writer.TryWrite(row))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>A thread's name is the sender's own words: without content in the log it stands there as a hash, which still groups the rows of a conversation.</summary>
    private string ThreadOf(string thread) => thread.Length == 0 || _mode == MessageLogMode.Full
        ? thread
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(thread)).AsSpan(0, 8));

    private static string TypeOf(Envelope envelope) =>
        envelope.Kind == EnvelopeKind.Reply ? "reply" : envelope.Type switch
        {
            MessageType.Text => "text",
            MessageType.Command => "command",
            MessageType.File => "file",
            MessageType.Rpc => "rpc",
            _ => "auto",
        };

    private async Task WriteAsync()
    {
        var rows = new List<Row>(BatchLength);
        while (await _queue.Reader.WaitToReadAsync())
        {
            rows.Clear();
            while (rows.Count < BatchLength && _queue.Reader.TryRead(out var row))
            {
                rows.Add(row);
            }

            try
            {
                await _store.WriteAsync(connection => Insert(connection, rows));
            }
            catch (StoreUnavailableException exception)
            {
                Interlocked.Add(ref _dropped, rows.Count);
                LogRowsLost(rows.Count, exception);
            }
        }
    }

    private int Insert(SqliteConnection connection, List<Row> rows)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "INSERT INTO a2a_messages (direction, message_id, agent, peer, type, thread, correlation, status, error, latency_ms, created_at, content) " +
            "VALUES ($direction, $id, $agent, $peer, $type, $thread, $correlation, $status, $error, $latency, $created, $content) " +
            "ON CONFLICT (agent, message_id, direction) DO UPDATE SET status = excluded.status, error = excluded.error, latency_ms = excluded.latency_ms";
        var names = new[] { "$direction", "$id", "$agent", "$peer", "$type", "$thread", "$correlation", "$status", "$error", "$latency", "$created", "$content" };
        foreach (var name in names)
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        foreach (var row in rows)
        {
            object?[] values =
            [
                row.Direction, row.MessageId, row.Agent, row.Peer, row.Type, ThreadOf(row.Thread), row.Correlation, row.Status, row.Error, row.LatencyMs, row.CreatedAtMs, row.Content,
            ];
            for (var index = 0; index < names.Length; index++)
            {
                command.Parameters[index].Value = values[index] ?? DBNull.Value;
            }

            command.ExecuteNonQuery();
        }

        return rows.Count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} rows of the message log were lost: the store takes nothing")]
    private partial void LogRowsLost(int count, Exception exception);

    private sealed record Row(
        string Direction, string MessageId, string Agent, string Peer, string Type, string Thread, string Correlation,
        string Status, string Error, long LatencyMs, long CreatedAtMs, string? Content);
}
