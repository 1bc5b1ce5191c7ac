using System.Globalization;
using Parley.Protocol.Errors;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Log;

/// <summary>Which rows of the log a search wants.</summary>
/// <param name="Owner">Of this owner's agents; null for all.</param>
/// <param name="Agent">Of this agent; null for all.</param>
/// <param name="ConnectionId">Of this connection's messages and their answers.</param>
/// <param name="Direction"><c>outgoing</c> or <c>incoming</c>; null for both.</param>
/// <param name="Status">One status; null for all.</param>
/// <param name="SinceMs">Taken by the hub then or later.</param>
/// <param name="UntilMs">And before then.</param>
/// <param name="MaySee">Whether the caller may see an agent's rows.</param>
internal sealed record LogQuery(string? Owner, string? Agent, string? ConnectionId, string? Direction, string? Status, long SinceMs, long UntilMs, Func<string, bool> MaySee);

/// <summary>A row as it stands in the log.</summary>
internal sealed record StoredLogRow(
    long Id, string Direction, string? ConnectionId, string? Content, string Status, long CreatedAtMs, string MessageId, string Owner, string Agent, string Peer, string Type, string Thread,
    string Correlation, string Error, long? LatencyMs);

/// <summary>A place in the log: rows are in order of their time, and among equals of their number. Neither ever changes.</summary>
/// <param name="AtMs">The time.</param>
/// <param name="Id">The row.</param>
internal readonly record struct LogPlace(long AtMs, long Id)
{
    /// <summary>Before all rows there are or will be.</summary>
    public static LogPlace Newest => new(long.MaxValue, long.MaxValue);

    /// <summary>Reads a place as callers have it.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static LogPlace Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && long.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && long.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new LogPlace(at, id)
            : throw new ParleyException(ErrorCode.InvalidArgument, "before is the next of another page.") { Field = "before" };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AtMs}.{Id}");
}

/// <summary>Searches the message log, newest first. No rules.</summary>
internal sealed class LogReader(SqliteStore store)
{
    /// <summary>Rows that one search looks at: what fits no index costs this much and no more.</summary>
    public const int MaxLookedAt = 5000;

    private const long MaxContentCharacters = 4 * 1024 * 1024;

    /// <summary>The next rows after a place.</summary>
    /// <returns>The rows, and the place until which all were looked at; null when there is nothing after them.</returns>
    public Task<(List<StoredLogRow> Rows, LogPlace? Next)> ReadAsync(LogQuery query, LogPlace after, int limit, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared(SqlFor(query)).Bind(4, query.SinceMs).Bind(5, query.UntilMs).Bind(6, after.AtMs).Bind(7, after.Id);
            foreach (var (number, value) in ValuesOf(query))
            {
                row.Bind(number, value);
            }

            var rows = new List<StoredLogRow>();
            var (lookedAt, characters, place) = (0, 0L, after);
            while (row.Step())
            {
                if (rows.Count == limit || lookedAt == MaxLookedAt || characters > MaxContentCharacters)
                {
                    row.Reset();
                    return (rows, (LogPlace?)place);
                }

                lookedAt++;
                place = new LogPlace(row.GetInt64(5), row.GetInt64(0));
                if (Fits(query, row))
                {
                    rows.Add(Read(row));
                    characters += rows[^1].Content?.Length ?? 0;
                }
            }

            return (rows, null);
        },
        cancellationToken);

    /// <summary>The statement of a search; one for each index.</summary>
    internal static string SqlFor(LogQuery query)
    {
        var (index, where) = IndexFor(query);
        return "SELECT id, direction, connection_id, content, status, created_at, message_id, owner, agent, peer, type, thread, correlation, error, latency_ms " +
            $"FROM a2a_messages INDEXED BY {index} WHERE {where} created_at >= ?4 AND created_at < ?5 AND created_at <= ?6 AND (created_at < ?6 OR id < ?7) ORDER BY created_at DESC, id DESC";
    }

    // Which index serves is ours to say, since the planner does not know how rare what is.
    private static (string Index, string Where) IndexFor(LogQuery query) => query switch
    {
        { ConnectionId: not null } => ("a2a_messages_by_connection", "connection_id = ?1 AND"),
        { Agent: not null } => ("a2a_messages_by_agent", "agent = ?1 AND"),
        { Owner: not null, Status: "sent" or "failed" } => ("a2a_messages_undelivered", "owner = ?1 AND status = ?2 AND status <> 'delivered' AND"),
        { Owner: not null } => ("a2a_messages_by_owner", "owner = ?1 AND"),
        _ => ("a2a_messages_by_time", string.Empty),
    };

    private static IEnumerable<(int Place, string? Value)> ValuesOf(LogQuery query)
    {
        var (index, _) = IndexFor(query);
        if (index != "a2a_messages_by_time")
        {
            yield return (1, query.ConnectionId ?? query.Agent ?? query.Owner);
        }

        if (index == "a2a_messages_undelivered")
        {
            yield return (2, query.Status);
        }
    }

    private static bool Fits(LogQuery query, SqliteStatement row) =>
        (query.Direction is null || query.Direction == row.GetText(1))
        && (query.Status is null || query.Status == row.GetText(4))
        && (query.Owner is null || query.Owner == row.GetText(7))
        && (query.Agent is null || query.Agent == row.GetText(8))
        && query.MaySee(row.GetText(8)!);

    private static StoredLogRow Read(SqliteStatement row) => new(
        row.GetInt64(0), row.GetText(1)!, row.GetText(2), row.GetText(3), row.GetText(4)!, row.GetInt64(5), row.GetText(6)!, row.GetText(7)!, row.GetText(8)!, row.GetText(9)!,
        row.GetText(10)!, row.GetText(11)!, row.GetText(12)!, row.GetText(13)!, row.IsNull(14) ? null : row.GetInt64(14));
}
