using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Hub.Backplane;
using Parley.Hub.Connections.Log;
using Parley.Hub.Identity;
using Parley.Hub.Messaging.Budgets;
using Parley.Hub.Sessions;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Messaging;

/// <summary>Brings envelopes to their receivers: a session here, another node, or the mailbox. Every door that sends uses it.</summary>
/// <remarks>
/// A sender is told that an envelope is accepted only after the receiver's journal or the hub's store has it, so the fast
/// path waits for no disk. The parts of this class follow an envelope's way: requests, replies, acknowledgements, the store, other nodes.
/// Lock order: an <see cref="Outgoing"/>'s gate and a <see cref="Mailbox"/>'s gate are never held together.
/// </remarks>
internal sealed partial class Router
{
    private readonly ConcurrentDictionary<string, Mailbox> _mailboxes = new();
    private readonly ConcurrentDictionary<string, Outgoing> _outgoing = new();
    private readonly SessionDirectory _sessions;
    private readonly MailboxStore _store;
    private readonly MessagePolicy _policy;
    private readonly IBackplane _backplane;
    private readonly MessageLog _log;
    private readonly AgentBudgets _budgets;
    private readonly MessagingOptions _options;
    private readonly DeliveryRoom _room;
    private readonly TimeProvider _time;
    private readonly NodeId _node;
    private readonly ILogger<Router> _logger;
    private int _names;

    /// <summary>A router of one node.</summary>
    public Router(
        SessionDirectory sessions,
        MailboxStore store,
        MessagePolicy policy,
        IBackplane backplane,
        MessageLog log,
        AgentBudgets budgets,
        IOptions<MessagingOptions> options,
        TimeProvider time,
        NodeId node,
        ILogger<Router> logger)
    {
        _sessions = sessions;
        _store = store;
        _policy = policy;
        _backplane = backplane;
        _log = log;
        _budgets = budgets;
        _options = options.Value;
        _room = new DeliveryRoom(_options.DeliveryWindow, _options.DeliveryWindowBytes);
        _time = time;
        _node = node;
        _logger = logger;
        ReadReceipts = store.ReceiptsAsync;
        ReadNext = (address, after) => _store.NextAsync(address, after, PumpBatch, _room.MaxBytes, NowMs());
    }

    /// <summary>Takes an envelope from a session. A refusal becomes a receipt; nothing is thrown at the sender.</summary>
    public void Submit(Session session, Envelope envelope, Batch batch)
    {
        try
        {
            Stamp(session, envelope);
            switch (envelope.Kind)
            {
                case EnvelopeKind.Request:
                    SubmitRequest(session, envelope, batch);
                    break;
                case EnvelopeKind.Reply:
                    SubmitReply(session, envelope, batch);
                    break;
                case EnvelopeKind.Part:
                    RoutePart(envelope, batch);
                    break;
                case EnvelopeKind.Cancel:
                    SubmitCancel(session, envelope, batch);
                    break;
                default:
                    throw new ParleyException(ErrorCode.ProtocolViolation, "An envelope has no kind that this hub knows.");
            }
        }
        catch (ParleyException exception)
        {
            LogRefused(exception.Row.WireName, session.Address);
            batch.AddReceipt(session, Short(envelope.Id), Short(envelope.To), MayBeTaken(envelope, exception) ? Unknown(exception) : Refusal(exception));
        }
    }

    /// <summary>What is known of an envelope that an agent sent, oldest first; empty when nothing is.</summary>
    public async Task<IReadOnlyList<Receipt>> ReceiptsOfAsync(string sender, string id)
    {
        var outgoing = OutgoingOf(sender);
        lock (outgoing.Gate)
        {
            if (outgoing.TryFind(MessageKey.Of(id), out var record) && !record.Events.IsEmpty)
            {
                return [.. record.Events.ToList().Select(receipt => ToWire(id, record.To, receipt))];
            }
        }

        return await _store.ReceiptsAsync(sender, id);
    }

    /// <summary>Of how many agents memory keeps a mailbox.</summary>
    internal int Mailboxes => _mailboxes.Count;

    /// <summary>The mailbox of an agent.</summary>
    internal Mailbox MailboxOf(string address) =>
        _mailboxes.TryGetValue(address, out var mailbox) ? mailbox : _mailboxes.GetOrAdd(address, text => new Mailbox(AgentAddress.Parse(text)));

    /// <summary>The ledger of an agent's sends.</summary>
    internal Outgoing OutgoingOf(string address) =>
        _outgoing.TryGetValue(address, out var outgoing)
            ? outgoing
            : _outgoing.GetOrAdd(address, NewOutgoing);

    private Outgoing NewOutgoing(string address)
    {
        var agent = AgentAddress.Parse(address);
        return new Outgoing(agent, _options.RememberedSends, MostAwaited(agent));
    }

    /// <summary>How many ids a session may await: the hub's own follow all calls that are open through them, a link waits for no more than one window holds.</summary>
    private int MostAwaited(AgentAddress agent) => CallerAddresses.Is(agent) ? int.MaxValue : _options.DeliveryWindow;

    /// <summary>Both of an agent, from those that the link used last if it is among them.</summary>
    private Desk DeskOf(string address, Batch batch)
    {
        var version = Volatile.Read(ref _names);
        var desk = batch.Desks.Find(address, version);
        if (desk is null)
        {
            desk = new Desk(MailboxOf(address), OutgoingOf(address));
            batch.Desks.Add(address, version, desk);
        }

        return desk;
    }

    /// <summary>Writes what only the hub may say: sender, time of acceptance, time to live within the limits.</summary>
    private void Stamp(Session session, Envelope envelope)
    {
        EnvelopeId.Parse(envelope.Id);
        CheckTexts(envelope);
        if (envelope.Kind == EnvelopeKind.Cancel)
        {
            (envelope.Body, envelope.BodySize) = (ByteString.Empty, 0);
        }

        envelope.From = session.Address;
        (envelope.Sequence, envelope.GapFrom) = (0, 0);
        envelope.Ancestry.Clear();
        envelope.AcceptedAtMs = NowMs();
        var wish = envelope.TtlMs == 0 ? _options.DefaultTimeToLive.TotalMilliseconds : envelope.TtlMs;
        envelope.TtlMs = (ulong)Math.Min(wish, _options.MaxTimeToLive.TotalMilliseconds);
        if (Math.Max(envelope.Body.Length, envelope.BodySize) > MessagingLimits.MaxBodyBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The message is larger than 16 MiB; parley p2p send has no limit.");
        }
    }

    /// <summary>The hub adds to an envelope what its receiver is to know: with short texts it stays a frame that every reader takes.</summary>
    private static void CheckTexts(Envelope envelope)
    {
        if (envelope.Thread.Length > EnvelopeId.MaxLength || envelope.Correlation.Length > EnvelopeId.MaxLength || envelope.Cause.Length > EnvelopeId.MaxLength)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A thread's name, a correlation and a cause have at most {EnvelopeId.MaxLength} characters.");
        }

        if (envelope.To.Length > AgentAddress.MaxLength)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"An address has at most {AgentAddress.MaxLength} characters.");
        }
    }

    /// <summary>What a refusal says of a text that may itself be what was refused.</summary>
    private static string Short(string text) => text.Length > AgentAddress.MaxLength ? text[..AgentAddress.MaxLength] : text;

    /// <summary>Whether a request that cannot go on now may have reached its receiver before: then nobody can say that it was not handled.</summary>
    private static bool MayBeTaken(Envelope envelope, ParleyException exception) =>
        envelope is { Resend: true, Kind: EnvelopeKind.Request } && exception.Code is
            ErrorCode.MailboxFull or ErrorCode.Unavailable or ErrorCode.AgentOffline or ErrorCode.MessagePairRate or ErrorCode.MessageFanOut or ErrorCode.AgentPaused;

    private ReceiptEvent Unknown(ParleyException exception) => new(ReceiptState.Unknown, NowMs(), exception.Row.WireName, exception.Message);

    /// <summary>Notes an event of an envelope and tells the session, or the node, that sent it.</summary>
    /// <param name="sender">Who sent the envelope.</param>
    /// <param name="id">Its id.</param>
    /// <param name="receipt">What became of it.</param>
    /// <param name="batch">What goes out together.</param>
    /// <param name="knows">The session that brought it about, and need not be told.</param>
    /// <returns>False when this node does not know the envelope: another may.</returns>
    private bool Report(string sender, string id, in ReceiptEvent receipt, Batch batch, Session? knows = null)
    {
        var outgoing = DeskOf(sender, batch).Outgoing;
        NoteResult result;
        OutgoingRecord record;
        lock (outgoing.Gate)
        {
            result = outgoing.Note(MessageKey.Of(id), receipt, batch.NextReceipt, out record);
        }

        if (result != NoteResult.News)
        {
            return result == NoteResult.Repeated;
        }

        if (record.Elsewhere?.OriginNode is { } originNode)
        {
            PublishReceipt(originNode, sender, ToWire(id, record.To, receipt));
        }
        else if (record.Session is { IsOpen: true } session && session != knows)
        {
            batch.AddReceipt(session, id, record.To, receipt);
        }

        return true;
    }

    private static Receipt ToWire(string id, string to, in ReceiptEvent receipt) =>
        new() { Id = id, To = to, State = receipt.State, AtMs = receipt.AtMs, Code = receipt.Code, Message = receipt.Message };

    private ReceiptEvent Refusal(ParleyException exception) => new(ReceiptState.Refused, NowMs(), exception.Row.WireName, exception.Message);

    private ReceiptEvent Event(ReceiptState state) => new(state, NowMs());

    private long NowMs() => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Refused a message with {Code} from {Agent}")]
    private partial void LogRefused(string code, string agent);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store did not take a message")]
    private partial void LogStoreFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A background step of the router failed")]
    private partial void LogBackgroundFailed(Exception exception);
}
