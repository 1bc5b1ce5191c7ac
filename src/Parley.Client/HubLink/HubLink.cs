using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

/// <summary>One agent's link to its hub: proves the key, sends, receives, and comes back by itself when it breaks.</summary>
/// <remarks>
/// States. <code>
///   Start: dialling, then shaking hands, then open. A goodbye for good: ended.
///   Broken in any of them: backoff, then dialling again.
/// </code>
/// What was sent and has no receipt is sent again with the same id after a reconnect; the other side handles it once.
/// All members may be called from any thread.
/// </remarks>
public sealed partial class HubLink : IAsyncDisposable
{
    /// <summary>Bytes of large bodies that may be under way at once: three of the largest, and less than a hub takes (64 MiB).</summary>
    private const long MaxLargeBytes = 3L * MessagingLimits.MaxBodyBytes;

    private readonly Lock _gate = new();
    private readonly ByteGate _large = new(MaxLargeBytes);
    private readonly Dictionary<string, PendingSend> _sends = [];
    private readonly HashSet<string> _awaited = [];
    private readonly Dictionary<ulong, TaskCompletionSource<CallResult>> _calls = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly HubLinkOptions _options;
    private readonly ILinkDialer _dialer;
    private readonly HubProfile _profile;
    private readonly HomeIdentity _identity;
    private readonly ILinkEvents _events;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger _logger;
    private readonly byte[] _home = new byte[16];
    private TaskCompletionSource<Welcome> _connected = NewCompletion<Welcome>();
    private FrameOutbox? _outbox;
    private Task _running = Task.CompletedTask;
    private ParleyException? _ended;
    private int _generation;
    private ulong _lastCall;
    private bool _isDisposed;

    /// <summary>A link that is not started.</summary>
    /// <param name="options">What it is for.</param>
    /// <param name="dialer">How the hub is reached.</param>
    /// <param name="profile">Which hub, and as whom.</param>
    /// <param name="identity">The key that is proved; not disposed.</param>
    /// <param name="events">Who is told what comes.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">Randomness for nonces and jitter.</param>
    /// <param name="logger">Lifecycle only, never content.</param>
    public HubLink(
        HubLinkOptions options,
        ILinkDialer dialer,
        HubProfile profile,
        HomeIdentity identity,
        ILinkEvents events,
        TimeProvider time,
        FillRandom random,
        ILogger logger)
    {
        _options = options;
        _dialer = dialer;
        _profile = profile;
        _identity = identity;
        _events = events;
        _time = time;
        _random = random;
        _logger = logger;
        random(_home);
    }

    /// <summary>Ends when the link ended for good, with the reason when it was not asked to.</summary>
    public Task Completion => _running;

    /// <summary>Whether it ended for good: nothing will be sent over it any more.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _ended is not null;
            }
        }
    }

    /// <summary>What carries the link at present, empty while it is down.</summary>
    public string TransportName { get; private set; } = string.Empty;

    /// <summary>Starts dialling.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Waits until the link stands.</summary>
    /// <exception cref="ParleyException">It ended for good, or could not be made and <see cref="HubLinkOptions.FailsFast"/> is set.</exception>
    public Task<Welcome> WaitConnectedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _connected.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Sends an envelope and waits until it is accepted: from then on it will not be lost.</summary>
    /// <returns>The first receipt that says so.</returns>
    /// <exception cref="ParleyException">It was refused, or the link ended for good before a receipt came.</exception>
    public Task<Receipt> SendAsync(Envelope envelope, CancellationToken cancellationToken) =>
        envelope.Body.Length <= MessagingLimits.ChunkBytes ? SendAndWaitAsync(envelope, cancellationToken) : SendLargeAsync(envelope, cancellationToken);

    /// <summary>Sends an envelope without waiting: what becomes of it comes by <see cref="ILinkEvents.OnReceipt"/>. It is kept, and sent again after a reconnect, until a receipt came.</summary>
    /// <param name="envelope">At most <see cref="MessagingLimits.ChunkBytes"/> of body; larger ones have to wait for room, so they go by <see cref="SendAsync"/>.</param>
    /// <exception cref="ParleyException">The link ended for good.</exception>
    /// <exception cref="ArgumentException">The body is too large.</exception>
    public void Submit(Envelope envelope)
    {
        if (envelope.Body.Length > MessagingLimits.ChunkBytes)
        {
            throw new ArgumentException("A large body must wait for room.", nameof(envelope));
        }

        Enqueue(envelope, null);
    }

    /// <summary>Sends an envelope that is worth nothing later: a part of an answer, a cancellation. Lost when the link is down.</summary>
    public void Post(Envelope envelope) => Append(new Frame { Send = envelope });

    /// <summary>Claims the replies to these ids, also those that came while no process waited.</summary>
    public void Await(IReadOnlyCollection<string> ids)
    {
        lock (_gate)
        {
            _awaited.UnionWith(ids);
        }

        Append(new Frame { Await = new Await { Ids = { ids } } });
    }

    /// <summary>The reply to this id came, or is not waited for any more.</summary>
    public void EndAwait(string id)
    {
        lock (_gate)
        {
            _awaited.Remove(id);
        }
    }

    /// <summary>Tells the hub that an envelope is safe here. On another connection than they came over it says nothing: the hub sends them again.</summary>
    public void Acknowledge(IncomingEnvelope incoming)
    {
        if (incoming.Number == 0)
        {
            return;
        }

        FrameOutbox? outbox;
        lock (_gate)
        {
            outbox = incoming.Generation == _generation ? _outbox : null;
        }

        outbox?.Acknowledge(incoming.Number);
        FlushUnlessReading(outbox);
    }

    /// <summary>Tells the hub, and through it the sender, that an envelope is not taken.</summary>
    public void Refuse(IncomingEnvelope incoming, ErrorCode code, string message)
    {
        if (incoming.Generation == Volatile.Read(ref _generation) && incoming.Number != 0)
        {
            Append(new Frame { Refusal = new Refusal { Number = incoming.Number, Code = ErrorMap.Of(code).WireName, Message = message } });
        }
    }

    /// <summary>Tells the sender of a request that it was read, or that work goes on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="state">Read, or unspecified for work that goes on.</param>
    /// <param name="note">For read: "shown" when a person reads it; else empty.</param>
    public void Report(Envelope request, ReceiptState state, string note) =>
        Append(new Frame { Progress = new Progress { Id = request.Id, To = request.From, State = state, Note = note } });

    /// <summary>Calls an operation of the hub.</summary>
    /// <param name="method">Its name, for example <c>agents.list</c>.</param>
    /// <param name="arguments">Its arguments as JSON.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The result as JSON.</returns>
    /// <exception cref="ParleyException">What the hub refused with, or the link broke before the answer.</exception>
    public async Task<JsonDocument> CallAsync(string method, ReadOnlyMemory<byte> arguments, CancellationToken cancellationToken)
    {
        await WaitConnectedAsync(cancellationToken);
        var completion = NewCompletion<CallResult>();
        ulong number;
        FrameOutbox outbox;
        lock (_gate)
        {
            if (_outbox is null)
            {
                throw _ended ?? Broken();
            }

            number = ++_lastCall;
            _calls.Add(number, completion);
            _outbox.Append(new Frame { Call = new Call { Number = number, Method = method, Arguments = ByteString.CopyFrom(arguments.Span) } });
            outbox = _outbox;
        }

        FlushUnlessReading(outbox);
        try
        {
            var result = await completion.Task.WaitAsync(cancellationToken);
            return result.Code.Length == 0
                ? JsonDocument.Parse(result.Value.Memory)
                : throw new ParleyException(ErrorMap.FromWireName(result.Code), result.Message);
        }
        finally
        {
            lock (_gate)
            {
                _calls.Remove(number);
            }
        }
    }

    /// <summary>Says goodbye after everything appended so far went out, and ends the link.</summary>
    public async Task StopAsync()
    {
        FrameOutbox? outbox;
        lock (_gate)
        {
            outbox = _outbox;
        }

        if (outbox is not null)
        {
            outbox.Append(new Frame { Goodbye = new Goodbye() });
            try
            {
                await outbox.FlushAsync().WaitAsync(TimeSpan.FromSeconds(2), _time);
            }
            catch (TimeoutException)
            {
                // A hub that does not read any more will notice the cut instead.
            }
        }

        await _stopping.CancelAsync();
        try
        {
            await _running;
        }
        catch (ParleyException)
        {
            // Completion told it to whoever asked.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await StopAsync();
        _stopping.Dispose();
    }

    /// <summary>Sends what was appended, but for the link's reader, which does it by itself after each read.</summary>
    private void FlushUnlessReading(FrameOutbox? outbox)
    {
        if (_reading != this)
        {
            outbox?.FlushSoon();
        }
    }

    private async Task<Receipt> SendLargeAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var size = envelope.Body.Length;
        await _large.EnterAsync(size, cancellationToken);
        try
        {
            return await SendAndWaitAsync(envelope, cancellationToken);
        }
        finally
        {
            _large.Leave(size);
        }
    }

    private async Task<Receipt> SendAndWaitAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var completion = NewCompletion<Receipt>();
        var (pending, isFirst) = Enqueue(envelope, completion);

        try
        {
            return await pending.Task.WaitAsync(cancellationToken);
        }
        catch when (isFirst)
        {
            // A receipt takes the entry out; a caller that gave up does it here.
            lock (_gate)
            {
                _sends.Remove(envelope.Id);
            }

            throw;
        }
    }

    /// <summary>Appends an envelope and keeps it until a receipt comes. One that is on its way already is not sent beside itself: one receipt serves both.</summary>
    private (TaskCompletionSource<Receipt> Pending, bool IsFirst) Enqueue(Envelope envelope, TaskCompletionSource<Receipt>? completion)
    {
        FrameOutbox? outbox;
        TaskCompletionSource<Receipt>? waiting;
        bool exists;
        lock (_gate)
        {
            if (_ended is not null)
            {
                throw _ended;
            }

            ref var pending = ref CollectionsMarshal.GetValueRefOrAddDefault(_sends, envelope.Id, out exists);
            waiting = pending.Completion ??= completion;
            outbox = _outbox;
            if (!exists)
            {
                pending.Envelope = envelope;
                if (envelope.WantsReply)
                {
                    _awaited.Add(envelope.Id);
                }

                if (outbox is not null)
                {
                    EnvelopeFrames.AppendSend(outbox, envelope);
                }
            }
        }

        FlushUnlessReading(outbox);
        return (waiting!, !exists);
    }

    private bool Append(Frame frame)
    {
        FrameOutbox? outbox;
        lock (_gate)
        {
            outbox = _outbox;
        }

        if (outbox is null)
        {
            return false;
        }

        if (frame.BodyCase == Frame.BodyOneofCase.Send)
        {
            EnvelopeFrames.AppendSend(outbox, frame.Send);
        }
        else
        {
            outbox.Append(frame);
        }

        FlushUnlessReading(outbox);
        return true;
    }

    private static TaskCompletionSource<T> NewCompletion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was sent and has no receipt; nobody waits for one where the completion is null.</summary>
    private struct PendingSend
    {
        public Envelope Envelope;
        public TaskCompletionSource<Receipt>? Completion;
    }
}
