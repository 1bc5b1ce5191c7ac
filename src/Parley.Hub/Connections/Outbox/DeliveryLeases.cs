using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Connections.Outbox;

/// <summary>Which node delivers for a connection, when several share one store: one of them at a time, so that order, breaker and limits of an address hold for all.</summary>
/// <remarks>
/// <code>
///   nobody's --taken by the first that has something to deliver--> a node's, which beats every 10 s
///   a node's --stopped cleanly--> nobody's
///   a node's --no beat for 30 s, as another node's own stopwatch saw it--> the other's
/// </code>
/// No node's time of day counts, so clocks that differ or jump do no harm. A hub that is alone has all of them without asking.
/// </remarks>
internal sealed class DeliveryLeases(SqliteStore store, bool isShared, FillRandom random, TimeProvider time)
{
    /// <summary>Silence after which a node is taken for dead.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    /// <summary>How often a node tells that it lives, and looks at what others left.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Node, long Beat, long At)> _seen = new(StringComparer.Ordinal);

    /// <summary>This node's name among those that share the store.</summary>
    public string Node { get; } = EnvelopeId.Make(random).Value;

    /// <summary>Whether other nodes may deliver, too.</summary>
    public bool IsShared => isShared;

    /// <summary>Whether this node may send now. Half of the time is left for the attempt, so that it is over before another could begin.</summary>
    public bool Holds(string connection) => !isShared || (_held.TryGetValue(connection, out var at) && time.GetElapsedTime(at) < Length / 2);

    /// <summary>Takes a connection, unless another node has it.</summary>
    public async Task<bool> TryTakeAsync(string connection)
    {
        if (!isShared || (_held.TryGetValue(connection, out var beaten) && time.GetElapsedTime(beaten) < Step))
        {
            return true;
        }

        var at = time.GetTimestamp();
        var known = _seen.TryGetValue(connection, out var seen) ? seen : default;
        var isSilent = known.Node is not null && time.GetElapsedTime(known.At) >= Length;
        var (node, beat) = await store.WriteAsync(database => Take(database, connection, isSilent ? known : default));
        if (node == Node)
        {
            _held[connection] = at;
            _seen.TryRemove(connection, out _);
            return true;
        }

        _held.TryRemove(connection, out _);
        if ((known.Node, known.Beat) != (node, beat))
        {
            _seen[connection] = (node, beat, at);
        }

        return false;
    }

    /// <summary>Tells that this node lives.</summary>
    public async Task BeatAsync()
    {
        var at = time.GetTimestamp();
        var mine = await store.WriteAsync(database =>
        {
            database.Prepared("UPDATE delivery_leases SET beat = beat + 1 WHERE node = ?1").Bind(1, Node).Execute();
            var row = database.Prepared("SELECT connection FROM delivery_leases WHERE node = ?1").Bind(1, Node);
            var found = new HashSet<string>(StringComparer.Ordinal);
            while (row.Step())
            {
                found.Add(row.GetText(0)!);
            }

            return found;
        });
        foreach (var connection in _held.Keys)
        {
            if (mine.Contains(connection))
            {
                _held[connection] = at;
            }
            else
            {
                _held.TryRemove(connection, out _);
            }
        }
    }

    /// <summary>Lets go of all, so that another node need not wait.</summary>
    public Task ReleaseAsync()
    {
        _held.Clear();
        return isShared ? store.WriteAsync(database => database.Prepared("DELETE FROM delivery_leases WHERE node = ?1").Bind(1, Node).Execute()) : Task.CompletedTask;
    }

    private (string Node, long Beat) Take(SqliteConnection database, string connection, (string Node, long Beat, long At) silent)
    {
        var row = database.Prepared("SELECT node, beat FROM delivery_leases WHERE connection = ?1").Bind(1, connection);
        (string Node, long Beat)? held = row.Step() ? (row.GetText(0)!, row.GetInt64(1)) : null;
        row.Reset();
        if (held is { } other && other.Node != Node && other != (silent.Node, silent.Beat))
        {
            return other;
        }

        database.Prepared("INSERT INTO delivery_leases (connection, node, beat) VALUES (?1, ?2, 1) ON CONFLICT (connection) DO UPDATE SET node = excluded.node, beat = beat + 1")
            .Bind(1, connection).Bind(2, Node).Execute();
        return (Node, 0);
    }
}
