using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Parley.Hub.Sessions;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>What one agent sent lately and is told about: an id used twice is routed once. Its gate guards it.</summary>
/// <remarks>
/// Bounded by count per agent. What went through the store is found there for the whole time to live; what went past it is
/// also known to the receiver's journal, which answers a repeated id once. The records are values in one table: thousands of
/// them that die in middle age would otherwise be most of the garbage collector's work.
/// </remarks>
internal sealed class Outgoing
{
    private const int EndedWaits = 1024;

    private readonly int _maxDone;
    private readonly int _maxAwaited;
    private readonly Dictionary<MessageKey, OutgoingRecord> _records = [];
    private readonly Queue<MessageKey> _done = new();
    private Dictionary<MessageKey, Session>? _awaiting;
    private Dictionary<Session, Queue<MessageKey>>? _awaitedBy;
    private int _forwarded;
    private int _endedWaits;

    /// <summary>An empty ledger.</summary>
    /// <param name="agent">Whose it is.</param>
    /// <param name="maxDone">How many finished records are kept.</param>
    /// <param name="maxAwaited">How many ids a session may wait for that are not among the records; beyond that its oldest wait is forgotten, and that reply stays in the mailbox.</param>
    public Outgoing(AgentAddress agent, int maxDone, int maxAwaited)
    {
        Agent = agent;
        _maxDone = maxDone;
        _maxAwaited = maxAwaited;
    }

    /// <summary>Taken for every use of the other members; no other gate is taken while it is held.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whose ledger it is.</summary>
    public AgentAddress Agent { get; private set; }

    /// <summary>The targets that the agent wrote to, by the text it used; a cache that <see cref="Route.Version"/> dates.</summary>
    public Dictionary<string, Route> Routes { get; } = [];

    /// <summary>How many different agents it writes to.</summary>
    public FanOutWindow FanOut { get; } = new();

    /// <summary>How many replies it sends to requests that the hub does not remember.</summary>
    public PairRate Unasked { get; } = new();

    /// <summary>Its agent has another name.</summary>
    public void RenameTo(AgentAddress agent) => Agent = agent;

    /// <summary>Notes a new envelope, or that an earlier one with the same id is told about on a newer session.</summary>
    /// <param name="key">The envelope's id.</param>
    /// <param name="session">The session that sent it, null when another node has it.</param>
    /// <param name="originNode">The node that forwarded it.</param>
    /// <param name="isNew">False for an id that is known.</param>
    /// <returns>The record, to be written to before the next call of any member.</returns>
    public ref OutgoingRecord Begin(MessageKey key, Session? session, string? originNode, out bool isNew)
    {
        ref var record = ref CollectionsMarshal.GetValueRefOrAddDefault(_records, key, out var exists);
        isNew = !exists;
        record.Session = session ?? record.Session;
        record.To ??= string.Empty;
        if (originNode is not null)
        {
            record.Elsewhere = (record.Elsewhere ?? new ForeignPart(null, null, 0)) with { OriginNode = originNode };
        }

        return ref record;
    }

    /// <summary>What is known of an id; false when it is not remembered here.</summary>
    public bool TryFind(MessageKey key, out OutgoingRecord record) => _records.TryGetValue(key, out record);

    /// <summary>Notes an event of an envelope. From the first one on it is among those that may be forgotten, the oldest first.</summary>
    /// <param name="key">The envelope's id.</param>
    /// <param name="receipt">What became of it.</param>
    /// <param name="inBatch">Where the receipt that tells of it will stand in the batch that is being made.</param>
    /// <param name="record">The record as it is now.</param>
    /// <returns>Whether the id is known, and whether the state is new to it.</returns>
    public NoteResult Note(MessageKey key, in ReceiptEvent receipt, int inBatch, out OutgoingRecord record)
    {
        if (IsEnd(receipt.State))
        {
            EndWait(key);
        }

        ref var found = ref CollectionsMarshal.GetValueRefOrNullRef(_records, key);
        if (Unsafe.IsNullRef(ref found))
        {
            record = default;
            return NoteResult.Unknown;
        }

        var isNews = found.Events.Note(receipt);
        if (isNews)
        {
            SetForwarded(ref found, null, 0);
            found.InBatch = inBatch;
            if (IsEnd(receipt.State))
            {
                found.IsAwaited = false;
            }
        }

        record = found;
        if (isNews && !found.IsSettled)
        {
            found.IsSettled = true;
            Settle(key);
        }

        return isNews ? NoteResult.News : NoteResult.Repeated;
    }

    /// <summary>Forgets an envelope that was refused before anything happened, so that it may be sent again.</summary>
    public void Forget(MessageKey key)
    {
        Drop(key, out _);
        EndWait(key);
    }

    /// <summary>Says which session a reply belongs to.</summary>
    /// <param name="key">The request's id.</param>
    /// <param name="session">Who waits.</param>
    public void Await(MessageKey key, Session session)
    {
        ref var record = ref CollectionsMarshal.GetValueRefOrNullRef(_records, key);
        if (!Unsafe.IsNullRef(ref record) && record.Session == session)
        {
            record.IsAwaited = true;
            return;
        }

        Wait(key, session);
    }

    /// <summary>The open session that waits for the reply to an id.</summary>
    public Session? AwaitingSession(MessageKey key) => AwaitingSession(key, out _);

    /// <summary>The open session that waits for the reply to an id, and where a receipt of that id may stand in the batch that is being made.</summary>
    public Session? AwaitingSession(MessageKey key, out int inBatch)
    {
        ref var record = ref CollectionsMarshal.GetValueRefOrNullRef(_records, key);
        var isKnown = !Unsafe.IsNullRef(ref record);
        inBatch = isKnown ? record.InBatch : 0;
        var session = _awaiting?.GetValueOrDefault(key);
        session ??= isKnown && record.IsAwaited ? record.Session : null;
        return session is { IsOpen: true } ? session : null;
    }

    /// <summary>Forgets the waits of a session that is gone.</summary>
    public void Drop(Session session)
    {
        foreach (var key in _records.Where(entry => entry.Value.Session == session).Select(entry => entry.Key).ToList())
        {
            CollectionsMarshal.GetValueRefOrNullRef(_records, key).Session = null;
        }

        _awaitedBy?.Remove(session);
        foreach (var key in _awaiting?.Where(entry => entry.Value == session).Select(entry => entry.Key).ToList() ?? [])
        {
            _awaiting!.Remove(key);
        }
    }

    /// <summary>Notes that another node has an envelope in hand, or, with null, that it has not any more.</summary>
    public void Forward(MessageKey key, Envelope? envelope, long atMs)
    {
        ref var record = ref CollectionsMarshal.GetValueRefOrNullRef(_records, key);
        if (!Unsafe.IsNullRef(ref record))
        {
            SetForwarded(ref record, envelope, atMs);
        }
    }

    /// <summary>Takes out the envelopes that a node was asked to deliver before a time and did not report on.</summary>
    public IReadOnlyList<Envelope> TakeForwardedBefore(long timeMs)
    {
        if (_forwarded == 0)
        {
            return [];
        }

        var late = _records.Where(entry => entry.Value.Elsewhere is { Forwarded: not null } part && part.ForwardedAtMs < timeMs).ToList();
        foreach (var (key, _) in late)
        {
            Forward(key, null, 0);
        }

        return [.. late.Select(entry => entry.Value.Elsewhere!.Forwarded!)];
    }

    private static bool IsEnd(ReceiptState state) =>
        state is ReceiptState.Refused or ReceiptState.Expired or ReceiptState.Failed or ReceiptState.Answered;

    private void SetForwarded(ref OutgoingRecord record, Envelope? envelope, long atMs)
    {
        if (envelope is null && record.Elsewhere is null)
        {
            return;
        }

        var before = record.Elsewhere;
        _forwarded += (envelope is null ? 0 : 1) - (before?.Forwarded is null ? 0 : 1);
        record.Elsewhere = envelope is null && before?.OriginNode is null ? null : new ForeignPart(before?.OriginNode, envelope, atMs);
    }

    private void Settle(MessageKey key)
    {
        _done.Enqueue(key);
        while (_done.Count > _maxDone)
        {
            ForgetDone(_done.Dequeue());
        }
    }

    /// <summary>A record of which there may be news only by its reply: whoever waits for that goes on waiting.</summary>
    private void ForgetDone(MessageKey key)
    {
        if (Drop(key, out var record) && record is { IsAwaited: true, Session: { IsOpen: true } session } && _awaiting?.ContainsKey(key) != true)
        {
            Wait(key, session);
        }
    }

    private bool Drop(MessageKey key, out OutgoingRecord record)
    {
        var isThere = _records.Remove(key, out record);
        _forwarded -= record.Elsewhere?.Forwarded is null ? 0 : 1;
        return isThere;
    }

    private void Wait(MessageKey key, Session session)
    {
        _awaiting ??= [];
        if (_awaiting.TryGetValue(key, out var present) && present == session)
        {
            return;
        }

        _awaiting[key] = session;
        ref var awaited = ref CollectionsMarshal.GetValueRefOrAddDefault(_awaitedBy ??= [], session, out _);
        awaited ??= new Queue<MessageKey>();
        awaited.Enqueue(key);
        if (_endedWaits > 0 && (awaited.Count > _maxAwaited || _endedWaits > EndedWaits))
        {
            ForgetEndedWaits();
        }

        if (awaited.Count > _maxAwaited && awaited.Dequeue() is var oldest && _awaiting.TryGetValue(oldest, out present) && present == session)
        {
            _awaiting.Remove(oldest);
        }
    }

    private void EndWait(MessageKey key)
    {
        if (_awaiting is not null && _awaiting.Remove(key))
        {
            _endedWaits++;
        }
    }

    /// <summary>The queues of waits keep those that ended until one of them is long; a wait that goes on must not make room for one that is over.</summary>
    private void ForgetEndedWaits()
    {
        _endedWaits = 0;
        foreach (var (session, awaited) in _awaitedBy!)
        {
            for (var left = awaited.Count; left > 0; left--)
            {
                var key = awaited.Dequeue();
                if (_awaiting!.TryGetValue(key, out var present) && present == session)
                {
                    awaited.Enqueue(key);
                }
            }
        }
    }
}

/// <summary>What became of one envelope, as far as this node knows.</summary>
internal struct OutgoingRecord
{
    /// <summary>The receiver's canonical address, empty until it is known.</summary>
    public string To;

    /// <summary>The session that sent it, for receipts; the last one that did, while it is attached.</summary>
    public Session? Session;

    /// <summary>What other nodes have to do with it; null for most.</summary>
    public ForeignPart? Elsewhere;

    /// <summary>What became of it.</summary>
    public ReceiptTimeline Events;

    /// <summary>Where a receipt of it stands in the batch that is being made; a hint that the batch checks.</summary>
    public int InBatch;

    /// <summary>Whether <see cref="Session"/> waits for the reply.</summary>
    public bool IsAwaited;

    /// <summary>Whether it is accepted or came to an end.</summary>
    public bool IsSettled;
}

/// <summary>The part of a record that concerns other nodes.</summary>
/// <param name="OriginNode">The node that forwarded the envelope to us and is told about it, null when it was sent here.</param>
/// <param name="Forwarded">The envelope while another node has it in hand and has not reported.</param>
/// <param name="ForwardedAtMs">When it was handed over, Unix milliseconds.</param>
internal sealed record ForeignPart(string? OriginNode, Envelope? Forwarded, long ForwardedAtMs);

/// <summary>What noting an event came to.</summary>
internal enum NoteResult
{
    /// <summary>The id is not remembered here.</summary>
    Unknown,

    /// <summary>The state was reached before.</summary>
    Repeated,

    /// <summary>The sender is to be told.</summary>
    News,
}

/// <summary>A target as one sender named it, resolved.</summary>
/// <param name="Target">Who it is.</param>
/// <param name="TargetText">Its canonical address.</param>
/// <param name="Mailbox">Its mailbox.</param>
/// <param name="IsHeld">Whether its owner has still to accept the sender.</param>
/// <param name="Version">The version of agents and contacts that this was looked up in.</param>
/// <param name="Rate">What this pair may still exchange.</param>
internal sealed record Route(AgentAddress Target, string TargetText, Mailbox Mailbox, bool IsHeld, long Version, PairRate Rate);
