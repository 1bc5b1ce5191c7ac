using System.Collections.Concurrent;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>Which sessions are attached to this node. Reading takes no lock; attaching replaces small arrays.</summary>
internal sealed class SessionDirectory
{
    private readonly ConcurrentDictionary<AgentAddress, Session[]> _byAgent = new();
    private int _count;

    /// <summary>How many sessions are attached.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Every session, for sweeps and status pages.</summary>
    public IEnumerable<Session> All => _byAgent.Values.SelectMany(sessions => sessions);

    /// <summary>The agent's sessions on this node.</summary>
    public ReadOnlySpan<Session> Of(AgentAddress agent) => _byAgent.TryGetValue(agent, out var sessions) ? sessions : [];

    /// <summary>Whether the agent has an open listener here.</summary>
    public bool IsListening(AgentAddress agent)
    {
        foreach (var session in Of(agent))
        {
            if (session.Role == SessionRole.Listen && session.IsOpen)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The agent's session of a model that has room, the emptiest first: such sessions get what waits in the store while nobody listens.</summary>
    public Session? ReaderOf(AgentAddress agent, Func<Session, bool> hasRoom)
    {
        Session? best = null;
        foreach (var session in Of(agent))
        {
            if (session.Role == SessionRole.Mcp && session.IsOpen && hasRoom(session) && (best is null || session.Window.Count < best.Window.Count))
            {
                best = session;
            }
        }

        return best;
    }

    /// <summary>Adds a session and names those whose place it takes: its own older self after a reconnect, and
    /// in a role that only one may hold the other holder, unless both share.</summary>
    public IReadOnlyList<Session> Attach(Session session)
    {
        var replaced = new List<Session>();
        _byAgent.AddOrUpdate(
            session.Agent,
            _ => [session],
            (_, present) =>
            {
                replaced.Clear();
                replaced.AddRange(present.Where(other => Replaces(session.Ticket, other.Ticket)));
                return [.. present, session];
            });
        Interlocked.Increment(ref _count);
        return replaced;
    }

    /// <summary>Removes a session; nothing happens when it is gone already.</summary>
    public void Detach(Session session)
    {
        while (_byAgent.TryGetValue(session.Agent, out var present))
        {
            var rest = Array.FindAll(present, other => other != session);
            if (rest.Length == present.Length)
            {
                return;
            }

            var isDone = rest.Length == 0
                ? _byAgent.TryRemove(KeyValuePair.Create(session.Agent, present))
                : _byAgent.TryUpdate(session.Agent, rest, present);
            if (isDone)
            {
                Interlocked.Decrement(ref _count);
                return;
            }
        }
    }

    /// <summary>Roles of which an agent has one at a time (DECISIONS 8): callers come and go beside it.</summary>
    public static bool IsExclusive(SessionRole role) => role is SessionRole.Listen or SessionRole.Recv;

    /// <summary>Whether a new session takes an older one's place.</summary>
    public static bool Replaces(SessionTicket newer, SessionTicket older) =>
        newer.Role == older.Role &&
        ((newer.Home.Length > 0 && newer.Home.Span.SequenceEqual(older.Home.Span)) ||
         (IsExclusive(newer.Role) && !(newer.IsShared && older.IsShared)));
}
