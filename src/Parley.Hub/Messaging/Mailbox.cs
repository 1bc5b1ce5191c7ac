using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>What one agent has not acknowledged yet: how much of it lies in the store, and which lanes that closes. Pure; its gate guards it.</summary>
/// <remarks>
/// <code>
///             lane empty, listener has room                acknowledged
///   arrives ------------------------------> in a window ----------------> gone
///      |                                        | session lost
///      | otherwise                              v
///      +----------------------------------> in the store --> window --> gone
/// </code>
/// While anything of a lane lies in the store, later envelopes of that lane go there too: that keeps their order.
/// </remarks>
internal sealed class Mailbox
{
    private readonly Dictionary<LaneKey, int> _heldByLane = [];
    private readonly List<Session> _pumpedTo = [];
    private readonly List<long> _deleted = [];
    private Dictionary<string, (Session Session, DateTimeOffset Until)>? _threads;
    private int _turn;
    private int _reads;

    /// <summary>An empty mailbox.</summary>
    public Mailbox(AgentAddress owner) => Owner = owner;

    /// <summary>Taken for every use of the other members, and never while another mailbox's gate is held.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whose mailbox it is.</summary>
    public AgentAddress Owner { get; private set; }

    /// <summary>Envelopes in the store, those in a window from there included.</summary>
    public int HeldCount { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Whether nothing lies in the store, and nothing is on its way to or from there.</summary>
    public bool IsEmpty => HeldCount == 0 && InHand.Count == 0 && _reads == 0 && !IsPumping;

    /// <summary>Whether a pump is bringing the store's envelopes to a session.</summary>
    public bool IsPumping { get; set; }

    /// <summary>Whether something changed while the pump was at work.</summary>
    public bool MustPumpAgain { get; set; }

    /// <summary>The last row of the store that the pump brought out; 0 to begin from the front.</summary>
    public long PumpCursor { get; set; }

    /// <summary>How often the pump was sent back to the front: a read that began before is no longer the next.</summary>
    public int Beginnings { get; private set; }

    /// <summary>Rows of the store that a session was given, or that leave the store: nobody else gets them. Deleted ones stay until no read under way can have seen them.</summary>
    public HashSet<long> InHand { get; } = [];

    /// <summary>Requests that were delivered and not answered, by sender and id.</summary>
    public OpenRequests Open { get; } = new();

    /// <summary>Its agent has another name.</summary>
    public void RenameTo(AgentAddress owner) => Owner = owner;

    /// <summary>A sender has another name: its lanes keep what they hold.</summary>
    public void RenameSender(string from, string to)
    {
        foreach (var (lane, count) in _heldByLane.Where(entry => entry.Key.Sender == from).ToList())
        {
            var renamed = lane with { Sender = to };
            _heldByLane.Remove(lane);
            _heldByLane[renamed] = _heldByLane.GetValueOrDefault(renamed) + count;
        }
    }

    /// <summary>Whether the lane is free for the fast path.</summary>
    public bool IsLaneEmpty(LaneKey lane) => !_heldByLane.ContainsKey(lane);

    /// <summary>Makes room for one envelope in the store.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MailboxFull"/>.</exception>
    public void Hold(LaneKey lane, int bytes, int maxCount, long maxBytes)
    {
        if (HeldCount >= maxCount || HeldBytes + bytes > maxBytes)
        {
            throw new ParleyException(ErrorCode.MailboxFull, $"The mailbox of {Owner} is full.");
        }

        Count(lane, bytes, 1);
    }

    /// <summary>Counts envelopes that the store already had when the hub started.</summary>
    public void Count(LaneKey lane, long bytes, int count)
    {
        _heldByLane[lane] = _heldByLane.GetValueOrDefault(lane) + count;
        HeldCount += count;
        HeldBytes += bytes;
    }

    /// <summary>One envelope left the store: acknowledged, expired, refused or withdrawn.</summary>
    public void Release(LaneKey lane, long bytes)
    {
        var left = _heldByLane.GetValueOrDefault(lane) - 1;
        if (left > 0)
        {
            _heldByLane[lane] = left;
        }
        else
        {
            _heldByLane.Remove(lane);
        }

        HeldCount = Math.Max(0, HeldCount - 1);
        HeldBytes = Math.Max(0, HeldBytes - bytes);
    }

    /// <summary>Picks the listener for an envelope: the one that has the thread, else the one with the fewest open deliveries, in turn.</summary>
    /// <param name="sessions">The agent's sessions on this node.</param>
    /// <param name="thread">The envelope's thread.</param>
    /// <param name="room">How many deliveries and bytes a session may have open.</param>
    /// <param name="now">The time, for threads that went idle.</param>
    /// <returns>Null when nobody listens or nobody has room.</returns>
    public Session? Pick(ReadOnlySpan<Session> sessions, string thread, DeliveryRoom room, DateTimeOffset now)
    {
        if (thread.Length > 0 && _threads is not null && _threads.TryGetValue(thread, out var sticky) && sticky.Until > now && sticky.Session.IsOpen)
        {
            return room.Fits(sticky.Session) ? Remember(sticky.Session, thread, now) : null;
        }

        Session? best = null;
        var listeners = 0;
        for (var index = 0; index < sessions.Length; index++)
        {
            var session = sessions[(index + _turn) % sessions.Length];
            if (session.Role == SessionRole.Listen && session.IsOpen)
            {
                listeners++;
                if (room.Fits(session) && (best is null || session.Window.Count < best.Window.Count))
                {
                    best = session;
                }
            }
        }

        if (listeners > 1)
        {
            _turn = (_turn + 1) & 0xFFFF;
        }

        // One that shares may soon not be the only one, and keeps the threads that it began.
        return best is null || thread.Length == 0 || (listeners == 1 && !best.Ticket.IsShared) ? best : Remember(best, thread, now);
    }

    /// <summary>A read of the store begins; what it finds is handled before <see cref="EndRead"/>.</summary>
    public void BeginRead() => _reads++;

    /// <summary>What a read found was handled.</summary>
    public void EndRead()
    {
        if (--_reads == 0)
        {
            InHand.ExceptWith(_deleted);
            _deleted.Clear();
        }
    }

    /// <summary>A row is gone from the store. A read that began before may still bring it, and it must not be delivered a second time then.</summary>
    public void NoteDeleted(long row)
    {
        if (_reads == 0)
        {
            InHand.Remove(row);
        }
        else
        {
            _deleted.Add(row);
        }
    }

    /// <summary>Rows came into the pump's reach that may stand before its place.</summary>
    public void BeginAgain()
    {
        PumpCursor = 0;
        Beginnings++;
    }

    /// <summary>A session is given a row of the store.</summary>
    public void HandOut(Session session, long row)
    {
        InHand.Add(row);
        if (!_pumpedTo.Contains(session))
        {
            _pumpedTo.Add(session);
        }
    }

    /// <summary>Takes back the rows of sessions that have ended but are not detached yet: else what comes after them in their lanes would overtake them.</summary>
    /// <returns>True when there were any: the pump begins again from the front.</returns>
    public bool Reclaim()
    {
        var isAny = false;
        for (var index = _pumpedTo.Count - 1; index >= 0; index--)
        {
            if (_pumpedTo[index] is { IsOpen: false } ended)
            {
                _pumpedTo.RemoveAt(index);
                foreach (var item in ended.Window.TakeStored())
                {
                    isAny = true;
                    InHand.Remove(item.Row);
                }
            }
        }

        if (isAny)
        {
            BeginAgain();
        }

        return isAny;
    }

    /// <summary>Its agent was removed: whoever has the name next has none of what that one was given.</summary>
    public void ForgetAgent()
    {
        Open.Clear();
        _threads = null;
        _pumpedTo.Clear();
        BeginAgain();
    }

    /// <summary>Forgets a session: what it was pumped, and which threads it had.</summary>
    public void Forget(Session session)
    {
        _pumpedTo.Remove(session);
        if (_threads is null)
        {
            return;
        }

        foreach (var thread in _threads.Where(entry => entry.Value.Session == session).Select(entry => entry.Key).ToList())
        {
            _threads.Remove(thread);
        }
    }

    private Session Remember(Session session, string thread, DateTimeOffset now)
    {
        _threads ??= [];
        if (_threads.Count > 10_000)
        {
            foreach (var idle in _threads.Where(entry => entry.Value.Until <= now).Select(entry => entry.Key).ToList())
            {
                _threads.Remove(idle);
            }
        }

        _threads[thread] = (session, now + DeliveryRoom.ThreadIdle);
        return session;
    }
}
