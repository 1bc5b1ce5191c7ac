using Parley.Hub.Sessions;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>What one agent sent lately and is told about: an id used twice is routed once. Its gate guards it.</summary>
/// <remarks>
/// Bounded by count per agent. What went through the store is found there for the whole time to live; what went past it is
/// also known to the receiver's journal, which answers a repeated id once.
/// </remarks>
internal sealed class Outgoing
{
    private readonly int _maxDone;
    private readonly Dictionary<string, OutgoingRecord> _records = [];
    private readonly Queue<string> _done = new();
    private Dictionary<string, Session>? _awaiting;

    /// <summary>An empty ledger.</summary>
    /// <param name="agent">Whose it is.</param>
    /// <param name="maxDone">How many finished records are kept.</param>
    public Outgoing(AgentAddress agent, int maxDone)
    {
        Agent = agent;
        _maxDone = maxDone;
    }

    /// <summary>Taken for every use of the other members; no other gate is taken while it is held.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whose ledger it is.</summary>
    public AgentAddress Agent { get; }

    /// <summary>The targets that the agent wrote to, by the text it used; a cache that <see cref="Route.Version"/> dates.</summary>
    public Dictionary<string, Route> Routes { get; } = [];

    /// <summary>How many different agents it writes to.</summary>
    public FanOutWindow FanOut { get; } = new();

    /// <summary>Notes a new envelope; the record of an earlier one with the same id comes back instead.</summary>
    public bool TryBegin(string id, Session? session, string? originNode, out OutgoingRecord record)
    {
        if (_records.TryGetValue(id, out record!))
        {
            record.Session = session ?? record.Session;
            record.OriginNode = originNode ?? record.OriginNode;
            return false;
        }

        record = new OutgoingRecord(id) { Session = session, OriginNode = originNode };
        _records.Add(id, record);
        return true;
    }

    /// <summary>The record of an id, null when it is not remembered here.</summary>
    public OutgoingRecord? Find(string id) => _records.GetValueOrDefault(id);

    /// <summary>Forgets an envelope that was refused before anything happened, so that it may be sent again.</summary>
    public void Forget(string id) => _records.Remove(id);

    /// <summary>Marks a record as accepted, so that it counts among those that may be forgotten.</summary>
    public void Settle(OutgoingRecord record)
    {
        if (record.IsSettled)
        {
            return;
        }

        record.IsSettled = true;
        _done.Enqueue(record.Id);
        while (_done.Count > _maxDone)
        {
            _records.Remove(_done.Dequeue());
        }
    }

    /// <summary>Says which session a reply belongs to.</summary>
    public void Await(string id, Session session)
    {
        _awaiting ??= [];
        _awaiting[id] = session;
    }

    /// <summary>The open session that waits for the reply to an id.</summary>
    public Session? AwaitingSession(string id) =>
        _awaiting is not null && _awaiting.TryGetValue(id, out var session) && session.IsOpen ? session : null;

    /// <summary>Nobody waits for this reply any more.</summary>
    public void EndAwait(string id) => _awaiting?.Remove(id);

    /// <summary>Forgets the waits of a session that is gone.</summary>
    public void Drop(Session session)
    {
        if (_awaiting is null)
        {
            return;
        }

        foreach (var id in _awaiting.Where(entry => entry.Value == session).Select(entry => entry.Key).ToList())
        {
            _awaiting.Remove(id);
        }
    }

    /// <summary>Records of envelopes that a node was asked to deliver and did not report on by then.</summary>
    public IReadOnlyList<OutgoingRecord> ForwardedBefore(DateTimeOffset time) =>
        _records.Values.Where(record => record.Forwarded is not null && record.ForwardedAt < time).ToList();
}

/// <summary>What became of one envelope, as far as this node knows.</summary>
internal sealed class OutgoingRecord(string id)
{
    private readonly List<ReceiptEvent> _events = new(2);

    /// <summary>The envelope's id.</summary>
    public string Id { get; } = id;

    /// <summary>The session that sent it, for receipts; the last one that did.</summary>
    public Session? Session { get; set; }

    /// <summary>The node that forwarded it to us and is told about it.</summary>
    public string? OriginNode { get; set; }

    /// <summary>The receiver's canonical address, once it is known.</summary>
    public string To { get; set; } = string.Empty;

    /// <summary>Whether it is accepted or came to an end.</summary>
    public bool IsSettled { get; set; }

    /// <summary>The envelope while another node has it in hand and has not reported.</summary>
    public Envelope? Forwarded { get; set; }

    /// <summary>When it was handed to the other node.</summary>
    public DateTimeOffset ForwardedAt { get; set; }

    /// <summary>The events so far, oldest first.</summary>
    public IReadOnlyList<ReceiptEvent> Events => _events;

    /// <summary>Adds an event; false when that state was reached before.</summary>
    public bool Note(ReceiptEvent receipt)
    {
        foreach (var earlier in _events)
        {
            if (earlier.State == receipt.State)
            {
                return false;
            }
        }

        _events.Add(receipt);
        return true;
    }
}

/// <summary>One thing that became of an envelope.</summary>
/// <param name="State">What.</param>
/// <param name="AtMs">When, Unix milliseconds of the hub.</param>
/// <param name="Code">An error code's wire name for refusals and failures, else empty.</param>
/// <param name="Message">A sentence for people, else empty.</param>
internal readonly record struct ReceiptEvent(ReceiptState State, long AtMs, string Code = "", string Message = "");

/// <summary>A target as one sender named it, resolved.</summary>
/// <param name="Target">Who it is.</param>
/// <param name="TargetText">Its canonical address.</param>
/// <param name="Mailbox">Its mailbox.</param>
/// <param name="IsHeld">Whether its owner has still to accept the sender.</param>
/// <param name="Version">The version of agents and contacts that this was looked up in.</param>
/// <param name="Rate">What this pair may still exchange.</param>
internal sealed record Route(AgentAddress Target, string TargetText, Mailbox Mailbox, bool IsHeld, long Version, PairRate Rate);
