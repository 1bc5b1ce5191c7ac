using System.Runtime.CompilerServices;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Events;

/// <summary>Which events a reader gets.</summary>
/// <param name="Owner">Whose; null for all.</param>
/// <param name="Source">Of one agent; null for all.</param>
/// <param name="Types">Which types.</param>
/// <param name="MaySee">Whether the reader may see events of this agent.</param>
internal sealed record EventQuery(string? Owner, AgentAddress? Source, IReadOnlyList<EventPattern> Types, Func<AgentAddress, bool> MaySee)
{
    /// <summary>The owner on whose share of the places the reader waits; null for admins.</summary>
    public string? Reader { get; init; }

    /// <summary>Whether an event is one of them.</summary>
    public bool Takes(StoredEvent value) => (Source is null || Source == value.Source) && Types.Any(pattern => pattern.Matches(value.Type)) && MaySee(value.Source);
}

/// <summary>Reads events again, in the order in which they came, and goes on with new ones.</summary>
internal sealed class EventReader(SqliteStore store)
{
    private const int PageRows = 200;
    private const long PageBytes = 1024 * 1024;

    /// <summary>The number of the newest event; 0 when there was none.</summary>
    public Task<long> LastNumberAsync(CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared("SELECT coalesce(max(number), 0) FROM events");
            row.Step();
            var number = row.GetInt64(0);
            row.Reset();
            return number;
        },
        cancellationToken);

    /// <summary>The next events after a number.</summary>
    /// <returns>Those that the query takes, and the number until which all were looked at.</returns>
    public async Task<(IReadOnlyList<StoredEvent> Events, long Until)> ReadAsync(EventQuery query, long after, int limit, CancellationToken cancellationToken)
    {
        var found = new List<StoredEvent>();
        while (true)
        {
            var rows = await RowsAsync(query.Owner, after, cancellationToken);
            foreach (var row in rows)
            {
                after = row.Number;
                if (query.Takes(row))
                {
                    found.Add(row);
                    if (found.Count == limit)
                    {
                        return (found, after);
                    }
                }
            }

            if (rows.Count == 0 || found.Count > 0)
            {
                return (found, after);
            }
        }
    }

    /// <summary>Waits until there is something after a number, and gives it.</summary>
    /// <param name="query">Which.</param>
    /// <param name="seat">The reader's, which follows the same types.</param>
    /// <param name="after">The number.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<StoredEvent> FollowAsync(EventQuery query, EventSeat seat, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = seat.Next;
            var (events, until) = await ReadAsync(query, after, PageRows, cancellationToken);
            foreach (var found in events)
            {
                yield return found;
            }

            if (until == after)
            {
                await next.WaitAsync(cancellationToken);
            }

            after = until;
        }
    }

    private Task<List<StoredEvent>> RowsAsync(string? owner, long after, CancellationToken cancellationToken) => store.ReadAsync(
        connection =>
        {
            var row = connection.Prepared(
                "SELECT number, id, source, type, subject, at, hops, trace, data FROM events WHERE number > ?1 AND (?2 IS NULL OR owner = ?2) ORDER BY number LIMIT ?3")
                .Bind(1, after).Bind(2, owner).Bind(3, PageRows);
            var rows = new List<StoredEvent>();
            var bytes = 0L;
            while (bytes < PageBytes && row.Step())
            {
                var read = Read(row, 0);
                bytes += read.Data.Length;
                rows.Add(read);
            }

            row.Reset();
            return rows;
        },
        cancellationToken);

    /// <summary>An event of a row whose columns begin so: number, id, source, type, subject, at, hops, trace, data.</summary>
    internal static StoredEvent Read(SqliteStatement row, int first) => new(
        row.GetInt64(first), row.GetText(first + 1)!, AgentAddress.Parse(row.GetText(first + 2)!), new EventType(row.GetText(first + 3)!), row.GetText(first + 4)!,
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(first + 5)), (int)row.GetInt64(first + 6), row.GetText(first + 7)!, row.GetBytes(first + 8).ToArray());
}
