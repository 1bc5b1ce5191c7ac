using System.Collections.Concurrent;
using Google.Protobuf;
using Parley.Client.HubLink;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>Sends messages over one link and waits for what becomes of them; many at once.</summary>
/// <remarks>
/// Order: of the messages of one thread to one target the next leaves only after the one before was accepted.
/// A message is accepted when the receiver's journal or the hub's store has it; until then it is sent again after every reconnect.
/// </remarks>
public sealed class Sender : ILinkEvents
{
    private const int MaxDropped = 1000;

    private static readonly TimeSpan _cancelGrace = TimeSpan.FromSeconds(5);

    // An answer that lies in the mailbox is here long before.
    private static readonly TimeSpan _firstLook = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _lookGrace = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, PendingAnswer> _pending = new();
    private readonly ConcurrentQueue<string> _dropped = new();
    private readonly SendLanes _lanes = new();
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private HubLink.HubLink? _link;

    /// <summary>A sender that is not tied to a link yet.</summary>
    public Sender(TimeProvider time, FillRandom random)
    {
        _time = time;
        _random = random;
    }

    /// <summary>Told when the link breaks or comes back.</summary>
    public Action<string>? OnLinkChange { get; set; }

    /// <summary>Ties it to the link that was made with it as <see cref="ILinkEvents"/>.</summary>
    public void Use(HubLink.HubLink link) => _link = link;

    /// <summary>Sends a message. An outcome is a value; only a broken link or a refusal of the link itself is thrown.</summary>
    /// <param name="target">An agent's address or bare name.</param>
    /// <param name="request">What to send.</param>
    /// <param name="observer">Who watches.</param>
    /// <param name="cancellationToken">Stops waiting; the remote work is asked to stop too.</param>
    public async Task<SendResult> SendAsync(string target, SendRequest request, ISendObserver? observer, CancellationToken cancellationToken)
    {
        var id = EnvelopeId.Make(_random);
        var pending = new PendingAnswer(target, request.Timeout, observer, _time);
        _pending.TryAdd(id.Value, pending);
        try
        {
            await SubmitAsync(target, request, id, pending, cancellationToken);
            return request.Waits && !pending.IsSettledWithoutAnswer
                ? await WaitAsync(id.Value, pending, null, cancellationToken)
                : pending.ToResult(id.Value, null);
        }
        catch (OperationCanceledException)
        {
            // Not accepted yet, but perhaps at work already.
            return await CancelAsync(id.Value, pending);
        }
        catch (ParleyException exception)
        {
            return pending.ToResult(id.Value, exception);
        }
        finally
        {
            if (request.DropsLateReply && !pending.IsAnswered)
            {
                Drop(id.Value);
            }

            _pending.TryRemove(id.Value, out _);
            Link.EndAwait(id.Value);
        }
    }

    /// <summary>Waits for the reply to a message that was sent before, by this process or another of the same home, for as long as one can come.</summary>
    /// <remarks>An answer that waits in the mailbox is fetched, whatever else the hub knows of the message.</remarks>
    public async Task<SendResult> WaitForAsync(string id, TimeSpan timeout, ISendObserver? observer, CancellationToken cancellationToken)
    {
        var pending = new PendingAnswer(string.Empty, timeout, observer, _time);
        var earlier = new EarlierMessage(Link, id);
        var looking = Task.CompletedTask;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _pending[id] = pending;
        try
        {
            Link.Await([id]);
            looking = LookOnAsync(earlier, pending, stop.Token);
            return await WaitAsync(id, pending, earlier, cancellationToken);
        }
        catch (ParleyException exception)
        {
            return pending.ToResult(id, exception);
        }
        finally
        {
            await stop.CancelAsync();
            await looking;
            _pending.TryRemove(id, out _);
            Link.EndAwait(id);
        }
    }

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        var envelope = incoming.Envelope;
        if (envelope.Kind == EnvelopeKind.Reply)
        {
            // A reply that nobody here waits for any more stays in the mailbox: without an acknowledgement the hub keeps it.
            if (_pending.TryGetValue(envelope.Correlation, out var waiting) && TryParse(Reply.Parser, envelope.Body, out var reply))
            {
                Link.Acknowledge(incoming);
                waiting.Complete(envelope.From, reply!);
            }
            else if (_dropped.Contains(envelope.Correlation))
            {
                Link.Acknowledge(incoming);
            }

            return;
        }

        if (envelope.Kind == EnvelopeKind.Part && _pending.TryGetValue(envelope.Correlation, out var pending) && TryParse(Part.Parser, envelope.Body, out var part))
        {
            pending.Show(part!);
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
        if (_pending.TryGetValue(receipt.Id, out var pending))
        {
            pending.Note(receipt);
        }
    }

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome) => OnLinkChange?.Invoke("connected");

    /// <inheritdoc/>
    public void OnDisconnected(string reason) => OnLinkChange?.Invoke(reason);

    private HubLink.HubLink Link => _link ?? throw new InvalidOperationException("The sender has no link.");

    private void Drop(string id)
    {
        _dropped.Enqueue(id);
        if (_dropped.Count > MaxDropped)
        {
            _dropped.TryDequeue(out _);
        }
    }

    private async Task SubmitAsync(string target, SendRequest request, EnvelopeId id, PendingAnswer pending, CancellationToken cancellationToken)
    {
        var envelope = EnvelopeFactory.Request(request, target, id);
        if (envelope.Body.Length > MessagingLimits.MaxBodyBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The message is larger than 16 MiB; parley p2p send has no limit.");
        }

        using var turn = await _lanes.EnterAsync(target, envelope.Thread, cancellationToken);
        await WithTimeoutAsync(Link.SendAsync(envelope, cancellationToken), pending, cancellationToken);
    }

    /// <summary>Waits for the acceptance no longer than for the answer.</summary>
    private async Task WithTimeoutAsync(Task<Receipt> accepting, PendingAnswer pending, CancellationToken cancellationToken)
    {
        try
        {
            await accepting.WaitAsync(pending.Timeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, "The hub did not accept the message in time; it may or may not be delivered.");
        }
    }

    /// <summary>Looks from time to time whether an answer can still come.</summary>
    private async Task LookOnAsync(EarlierMessage earlier, PendingAnswer pending, CancellationToken cancellationToken)
    {
        try
        {
            for (var wait = _firstLook; !pending.Settled.IsCompleted; wait = _lookEvery)
            {
                await Task.Delay(wait, _time, cancellationToken);
                await LookAsync(earlier, pending, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The wait is over.
        }
    }

    private async Task LookAsync(EarlierMessage earlier, PendingAnswer pending, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = _time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), patience, _lookGrace, Timeout.InfiniteTimeSpan);
        try
        {
            await earlier.EndVainWaitAsync(pending, patience.Token);
        }
        catch (ParleyException)
        {
            // A hub that does not say leaves it at the wait.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task<SendResult> WaitAsync(string id, PendingAnswer pending, EarlierMessage? earlier, CancellationToken cancellationToken)
    {
        try
        {
            await pending.WaitAsync(Link.Completion, cancellationToken);
            return pending.ToResult(id, null);
        }
        catch (TimeoutException)
        {
            if (earlier is not null)
            {
                await LookAsync(earlier, pending, cancellationToken);
            }

            return pending.ToResult(id, new ParleyException(ErrorCode.DeadlineExceeded, $"No answer in time; parley a2a result {id} fetches one that comes later."));
        }
        catch (OperationCanceledException) when (earlier is null)
        {
            // Whoever only looks after an earlier message leaves it as it is.
            return await CancelAsync(id, pending);
        }
    }

    /// <summary>Asks the remote run to stop: what it answers to that is worth a short wait.</summary>
    private async Task<SendResult> CancelAsync(string id, PendingAnswer pending)
    {
        Link.Post(EnvelopeFactory.Cancel(id, pending.Target, EnvelopeId.Make(_random)));
        try
        {
            await pending.Settled.WaitAsync(_cancelGrace, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
        }

        return pending.ToResult(id, new ParleyException(ErrorCode.Canceled, "Cancelled; the receiver was asked to stop."));
    }

    private static bool TryParse<T>(MessageParser<T> parser, ByteString bytes, out T? message)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }
}
