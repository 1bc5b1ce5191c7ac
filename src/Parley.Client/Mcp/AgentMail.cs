using Parley.Client.HubLink;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Mcp;

/// <summary>The messages of one session of a model: what came for it and is unread, and what it sent and waits for.</summary>
/// <remarks>
/// <code>
///   comes over the link --> unread --> taken by a call --> handed over: acknowledged, gone
///                             ^             | the client did not get it
///                             +-------------+
/// </code>
/// Until it was handed over the hub keeps a message, so a session that ends loses nothing: the next one, or a listener, gets it.
/// Memory: the hub's delivery window bounds what is unread, <see cref="MaxSent"/> what is waited for.
/// </remarks>
internal sealed class AgentMail(TimeProvider time, FillRandom random) : ILinkEvents
{
    /// <summary>Messages that may wait for answers at once.</summary>
    public const int MaxSent = 1000;

    private const int MaxRemembered = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string From, string Id), MailItem> _unread = [];
    private readonly List<MailItem> _order = [];
    private readonly Dictionary<string, SentMail> _sent = new(StringComparer.Ordinal);
    private readonly Queue<MailItem> _handed = new();
    private readonly HashSet<(string From, string Id)> _told = [];
    private TaskCompletionSource _changed = NewChange();
    private HubLink.HubLink? _link;

    /// <summary>Told of each message that comes for the first time; not of answers.</summary>
    public Action<MailItem>? OnMail { get; set; }

    /// <summary>How many messages and answers nobody has in hand.</summary>
    public int Unread
    {
        get
        {
            lock (_gate)
            {
                return _order.Count(item => !item.IsTaken);
            }
        }
    }

    /// <summary>What is unread, oldest first.</summary>
    public IReadOnlyList<MailItem> Peek()
    {
        lock (_gate)
        {
            return [.. _order.Where(item => !item.IsTaken)];
        }
    }

    /// <summary>What is waited for: id, target and state.</summary>
    public IReadOnlyList<(string Id, string Target, string State)> Waiting()
    {
        lock (_gate)
        {
            return [.. _sent.Where(sent => sent.Value.Failure is null).Select(sent => (sent.Key, sent.Value.Target, sent.Value.State))];
        }
    }

    /// <summary>Ties it to the link that was made with it.</summary>
    public void Use(HubLink.HubLink link) => _link = link;

    /// <summary>Sends a message, and returns when it is accepted.</summary>
    /// <returns>Its id, under which its answer is waited for.</returns>
    public async Task<string> SendAsync(string target, Message message, string? thread, CancellationToken cancellationToken)
    {
        var id = EnvelopeId.Make(random);
        var envelope = EnvelopeFactory.Request(new SendRequest(message, MessageType.Text) { Thread = thread ?? "t-" + id.Value }, target, id);
        if (envelope.Body.Length > MessagingLimits.MaxBodyBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The message is larger than 16 MiB.");
        }

        lock (_gate)
        {
            foreach (var (failed, _) in _sent.Where(sent => sent.Value.Failure is not null).Take(_sent.Count - MaxSent + 1).ToList())
            {
                _sent.Remove(failed);
            }

            if (_sent.Count >= MaxSent)
            {
                throw new ParleyException(ErrorCode.RateLimited, "Too many messages wait for answers: read some with wait_message first.");
            }

            _sent.Add(id.Value, new SentMail(target, envelope.Thread));
        }

        try
        {
            await Link.SendAsync(envelope, cancellationToken);
            return id.Value;
        }
        catch
        {
            Forget(id.Value);
            throw;
        }
    }

    /// <summary>Answers a message that was handed over, or is unread.</summary>
    public async Task ReplyAsync(MailItem item, Reply reply, CancellationToken cancellationToken)
    {
        await Link.SendAsync(EnvelopeFactory.Reply(item.Envelope, reply), cancellationToken);
        Settle(item, isHanded: true);
    }

    /// <summary>Looks for a message by its id: unread, or handed over by this session.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public MailItem Find(string id)
    {
        lock (_gate)
        {
            return _order.Find(item => item.Id == id) ?? _handed.LastOrDefault(item => item.Id == id)
                ?? throw new ParleyException(ErrorCode.NotFound, "This session has no message of that id.");
        }
    }

    /// <summary>Waits until there is something to hand over.</summary>
    /// <param name="id">Only this message, or the answer to this message of ours; null for any.</param>
    /// <param name="patience">How long.</param>
    /// <param name="progress">Told what becomes of a message of ours.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is to be settled by <see cref="Settle"/>; null when nothing came in time.</returns>
    /// <exception cref="ParleyException">There will be no answer.</exception>
    public async Task<MailItem?> WaitAsync(string? id, TimeSpan patience, Action<string>? progress, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var told = string.Empty;
        Claim(id);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_order.Find(item => !item.IsTaken && (id is null || item.Id == id)) is { } found)
                {
                    found.IsTaken = true;
                    return found;
                }

                if (id is not null && _sent.TryGetValue(id, out var sent) && sent.Failure is { } failure)
                {
                    _sent.Remove(id);
                    throw failure;
                }

                told = TellState(id, told, progress);
                changed = _changed.Task;
            }

            var left = patience - time.GetElapsedTime(begun);
            try
            {
                await changed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
    }

    /// <summary>Says whether what <see cref="WaitAsync"/> gave has reached the model.</summary>
    public void Settle(MailItem item, bool isHanded)
    {
        lock (_gate)
        {
            item.IsTaken = false;
            if (isHanded && _unread.Remove((item.Envelope.From, item.Envelope.Id)))
            {
                _order.Remove(item);
                _sent.Remove(item.IsAnswer ? item.Id : string.Empty);
                _handed.Enqueue(item);
                if (_handed.Count > MaxRemembered)
                {
                    _handed.Dequeue();
                }
            }

            Change();
        }

        if (isHanded)
        {
            Link.Acknowledge(item.Incoming);
            if (item.IsAnswer)
            {
                Link.EndAwait(item.Id);
            }
            else
            {
                // Whoever waits learns that a model has it, which may answer later or never.
                Link.Report(item.Envelope, ReceiptState.Read, Listener.ShownNote);
            }
        }
    }

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        var envelope = incoming.Envelope;
        if (envelope.Kind is not (EnvelopeKind.Request or EnvelopeKind.Reply))
        {
            return;
        }

        MailItem? item;
        bool isNew, isKnown, isTold;
        lock (_gate)
        {
            var key = (envelope.From, envelope.Id);
            isKnown = _handed.Any(handed => (handed.Envelope.From, handed.Envelope.Id) == key);
            isNew = !isKnown && !_unread.ContainsKey(key);
            isTold = _told.Remove(key);
            if (isNew)
            {
                _order.Add(_unread[key] = new MailItem(incoming));
            }
            else if (!isKnown)
            {
                _unread[key].Incoming = incoming;
            }

            item = _unread.GetValueOrDefault(key);
            Change();
        }

        if (isKnown)
        {
            Link.Acknowledge(incoming);
        }
        else if (isNew && !isTold && !item!.IsAnswer)
        {
            OnMail?.Invoke(item);
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
        lock (_gate)
        {
            if (receipt.State == ReceiptState.Unspecified || !_sent.TryGetValue(receipt.Id, out var sent))
            {
                return;
            }

            sent.Target = receipt.To.Length > 0 ? receipt.To : sent.Target;
            sent.State = receipt.State.ToString().ToLowerInvariant();
            if (receipt.State is ReceiptState.Refused or ReceiptState.Expired or ReceiptState.Failed or ReceiptState.Unknown)
            {
                sent.Failure = new ParleyException(ErrorMap.FromWireName(receipt.Code), receipt.Message.Length > 0 ? receipt.Message : "There will be no answer.");
            }

            Change();
        }
    }

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome)
    {
        // What is still the hub's comes again, and what came before is the hub's once more.
        lock (_gate)
        {
            foreach (var stale in _order.Where(item => !item.IsTaken && item.Incoming.Generation != 0 && !item.IsAnswer).ToList())
            {
                _order.Remove(stale);
                _unread.Remove((stale.Envelope.From, stale.Envelope.Id));
                if (_told.Count < MaxRemembered)
                {
                    _told.Add((stale.Envelope.From, stale.Envelope.Id));
                }
            }

            Change();
        }
    }

    /// <inheritdoc/>
    public void OnDisconnected(string reason)
    {
    }

    private HubLink.HubLink Link => _link ?? throw new InvalidOperationException("The mail has no link.");

    // An answer to a message that an earlier session sent.
    private void Claim(string? id)
    {
        lock (_gate)
        {
            if (id is null || _sent.ContainsKey(id) || _order.Exists(item => item.Id == id))
            {
                return;
            }
        }

        Link.Await([id]);
    }

    private void Forget(string id)
    {
        lock (_gate)
        {
            _sent.Remove(id);
        }

        Link.EndAwait(id);
    }

    private string TellState(string? id, string told, Action<string>? progress)
    {
        if (progress is null || id is null || !_sent.TryGetValue(id, out var sent) || sent.State == told)
        {
            return told;
        }

        progress($"{sent.Target}: {sent.State}");
        return sent.State;
    }

    private void Change()
    {
        _changed.TrySetResult();
        _changed = NewChange();
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
