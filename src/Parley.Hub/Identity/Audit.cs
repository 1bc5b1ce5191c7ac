using Microsoft.Data.Sqlite;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>What admins and owners did: who, what, to whom, when, from where. Never a secret, never content.</summary>
internal sealed class Audit
{
    private const int MaxText = 256;

    private readonly SqliteStore _store;
    private readonly TimeProvider _time;

    /// <summary>An audit in a store that has the table.</summary>
    public Audit(SqliteStore store, TimeProvider time) => (_store, _time) = (store, time);

    /// <summary>Writes an act down.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="act">What, for example <c>tokens.create</c>.</param>
    /// <param name="target">To whom or what.</param>
    /// <param name="detail">More, short.</param>
    /// <param name="source">The caller's address, or the door.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    public Task WriteAsync(string actor, string act, string target, string detail, string source, CancellationToken cancellationToken = default)
    {
        var at = _time.GetUtcNow();
        return _store.WriteAsync(connection => { Write(connection, at, actor, act, target, detail, source); }, cancellationToken);
    }

    /// <summary>The same inside a work of the store, so that the act and its row are one commit.</summary>
    public static void Write(SqliteConnection connection, DateTimeOffset at, string actor, string act, string target, string detail, string source)
    {
        connection.Prepared("INSERT INTO audit (at, actor, act, target, detail, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .Bind(1, at.ToUnixTimeMilliseconds()).Bind(2, Cut(actor)).Bind(3, Cut(act)).Bind(4, Cut(target)).Bind(5, Cut(detail)).Bind(6, Cut(source)).Execute();
    }

    /// <summary>Deletes the oldest acts.</summary>
    /// <param name="maxRows">How many stay.</param>
    public Task TrimAsync(int maxRows) => _store.WriteAsync(connection =>
        connection.Prepared("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?1").Bind(1, maxRows).Execute());

    /// <summary>The newest acts, newest first, and how many there are.</summary>
    public Task<(IReadOnlyList<AuditRow> Rows, long Total)> ListAsync(int limit, int offset, CancellationToken cancellationToken = default) =>
        _store.ReadAsync(connection => List(connection, limit, offset), cancellationToken);

    private static (IReadOnlyList<AuditRow> Rows, long Total) List(SqliteConnection connection, int limit, int offset)
    {
        var rows = new List<AuditRow>();
        var row = connection.Prepared("SELECT id, at, actor, act, target, detail, source FROM audit ORDER BY id DESC LIMIT ?1 OFFSET ?2").Bind(1, limit).Bind(2, offset);
        while (row.Step())
        {
            rows.Add(new AuditRow(
                row.GetInt64(0),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
                row.GetText(2)!,
                row.GetText(3)!,
                row.GetText(4)!,
                row.GetText(5)!,
                row.GetText(6)!));
        }

        var count = connection.Prepared("SELECT count(*) FROM audit");
        count.Step();
        var total = count.GetInt64(0);
        count.Reset();
        return (rows, total);
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText];
}

/// <summary>One act.</summary>
/// <param name="Id">Its number.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Act">What.</param>
/// <param name="Target">To whom or what.</param>
/// <param name="Detail">More.</param>
/// <param name="Source">From where.</param>
internal sealed record AuditRow(long Id, DateTimeOffset At, string Actor, string Act, string Target, string Detail, string Source);
