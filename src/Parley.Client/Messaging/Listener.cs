using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Client.HubLink;
using Parley.Client.Journal;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>Takes the messages of one agent: into the journal, to the responder or a person, and the answer back.</summary>
/// <remarks>
/// An envelope is acknowledged when the journal has it, and handled once however often it comes. A message that a crash
/// left started is answered as interrupted, or run again when the listener was told that its work is safe to repeat.
/// </remarks>
public sealed partial class Listener : ILinkEvents, IAsyncDisposable
{
    /// <summary>The note of a read receipt that says: a person reads this, do not wait.</summary>
    internal const string ShownNote = "shown";

    private static readonly TimeSpan _lastWrites = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _replyRetry = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<JournalKey, CancellationTokenSource> _running = new();
    private readonly EarlyCancels _canceled = new();
    private readonly OpenWork _open = new();
    private readonly ThreadTurns _turns = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private readonly IJournal _journal;
    private readonly ResponderPipeline _pipeline;
    private readonly IMessageDesk _desk;
    private readonly ListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger<Listener> _logger;
    private HubLink.HubLink? _link;
    private long _connectedMs;

    /// <summary>A listener that is not tied to a link yet.</summary>
    public Listener(
        IJournal journal, ResponderPipeline pipeline, IMessageDesk desk, ListenerOptions options, TimeProvider time, FillRandom random, ILogger<Listener> logger)
    {
        // Taken once: a delivery may still be on its way when the source is disposed, and must find that it stopped.
        _stopped = _stopping.Token;
        _journal = journal;
        _pipeline = pipeline;
        _desk = desk;
        _options = options;
        _time = time;
        _random = random;
        _logger = logger;
    }

    /// <summary>Told when the link stands, breaks or comes back.</summary>
    public Action<string, bool>? OnLinkChange { get; set; }

    /// <summary>Told when a message was handled to its end.</summary>
    public Action? OnHandled { get; set; }

    /// <summary>Ties it to the link that was made with it as <see cref="ILinkEvents"/>, and takes up what an earlier process left.</summary>
    public async Task UseAsync(HubLink.HubLink link, CancellationToken cancellationToken)
    {
        _link = link;
        TakeUp(await _journal.LoadUnfinishedAsync(cancellationToken));
    }

    /// <summary>Takes up what another process left in the journal, oldest first.</summary>
    public void TakeUp(IReadOnlyList<JournalEntry> left)
    {
        foreach (var entry in left)
        {
            _ = ResumeAsync(entry, _turns.Enter(entry.Key.Sender, entry.Envelope?.Thread ?? string.Empty));
        }
    }

    /// <summary>Takes nothing new, waits up to the grace for what runs, stops the rest and waits until its outcome stands in the journal.</summary>
    public async Task DrainAsync(TimeSpan grace)
    {
        await _pipeline.DrainAsync(grace);
        await Task.WhenAny(_open.IdleAsync(), Task.Delay(TimeSpan.FromSeconds(2), _time, CancellationToken.None));
        await _stopping.CancelAsync();
    }

    /// <summary>Ends it, after its link: when this returns nothing is on its way into the journal any more, so that whoever opens that next finds all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAny(_open.IdleAsync(), Task.Delay(_lastWrites, _time, CancellationToken.None));
        _stopping.Dispose();
    }

    /// <inheritdoc/>
    public void OnDelivery(IncomingEnvelope incoming)
    {
        switch (incoming.Envelope.Kind)
        {
            case EnvelopeKind.Request:
                // The place in the thread is taken here, on the link's reader: later steps may overtake one another.
                _ = TakeAsync(incoming, _turns.Enter(incoming.Envelope.From, incoming.Envelope.Thread));
                break;
            case EnvelopeKind.Cancel:
                Cancel(incoming.Envelope);
                break;
            default:
                // A reply to something that another process of this home asked: it stays in the mailbox for that process.
                break;
        }
    }

    /// <inheritdoc/>
    public void OnReceipt(Receipt receipt)
    {
    }

    /// <inheritdoc/>
    public void OnConnected(Welcome welcome)
    {
        Volatile.Write(ref _connectedMs, _time.GetUtcNow().ToUnixTimeMilliseconds());
        OnLinkChange?.Invoke(welcome.Address, true);
    }

    /// <inheritdoc/>
    public void OnDisconnected(string reason) => OnLinkChange?.Invoke(reason, false);

    private HubLink.HubLink Link => _link ?? throw new InvalidOperationException("The listener has no link.");

    private async Task TakeAsync(IncomingEnvelope incoming, ThreadTurns.Turn turn)
    {
        _open.Begin();
        using (turn)
        {
            try
            {
                _stopped.ThrowIfCancellationRequested();

                // Not cancelled once begun: a write that nobody waits for may come after the next listener read the journal.
                var entry = await _journal.ReceiveAsync(incoming.Envelope, isStarted: false, CancellationToken.None);
                Link.Acknowledge(incoming);
                if (entry.IsNew)
                {
                    await HandleAsync(entry.Key, incoming.Envelope, turn);
                }
                else if (entry is { State: JournalState.Answered, Reply: { } reply })
                {
                    turn.Dispose();
                    await SendReplyAsync(entry.Key, reply);
                }
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                // Without an acknowledgement the hub gives it to the next listener.
            }
            catch (Exception exception)
            {
                LogFailed(incoming.Envelope.Id, exception);
            }
            finally
            {
                _open.End();
            }
        }
    }

    private async Task ResumeAsync(JournalEntry entry, ThreadTurns.Turn turn)
    {
        _open.Begin();
        using (turn)
        {
            try
            {
                if (entry is { State: JournalState.Answered, Reply: { } reply })
                {
                    // The hub may have forgotten the request since, and may have had this reply before.
                    reply.Resend = true;
                    turn.Dispose();
                    await SendReplyAsync(entry.Key, reply);
                }
                else if (entry.Envelope is { } envelope && (entry.State == JournalState.Received || _options.IsSafeToRetry))
                {
                    await HandleAsync(entry.Key, envelope, turn);
                }
                else if (entry.Envelope is { } interrupted)
                {
                    await AnswerAsync(
                        entry.Key,
                        interrupted,
                        ReplyAssembler.Failure(ErrorCode.ResponderInterrupted, "The listener stopped while the message ran; it may have had effects and will not run again."),
                        turn);
                }
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                // The next process takes it up.
            }
            catch (Exception exception)
            {
                LogFailed(entry.Key.Id, exception);
            }
            finally
            {
                _open.End();
            }
        }
    }

    private async Task HandleAsync(JournalKey key, Envelope envelope, ThreadTurns.Turn turn)
    {
        using var cancellation = new CancellationTokenSource();
        await using var onStop = _stopped.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), cancellation);
        _running[key] = cancellation;
        try
        {
            await turn.Come.WaitAsync(_stopped);
            if (_canceled.Take(key))
            {
                throw new ParleyException(ErrorCode.Canceled, "Cancelled by the sender before it started.");
            }

            await HandleInTurnAsync(key, envelope, turn, cancellation.Token);
        }
        catch (ParleyException refusal)
        {
            await AnswerAsync(key, envelope, ReplyAssembler.Failure(refusal.Code, refusal.Message), turn);
        }
        finally
        {
            _running.TryRemove(key, out _);
        }
    }

    private async Task HandleInTurnAsync(JournalKey key, Envelope envelope, ThreadTurns.Turn turn, CancellationToken cancellationToken)
    {
        var request = RequestReader.Read(envelope);
        switch (_pipeline.Route(request))
        {
            case MessageRoute.Print:
                await _journal.StartAsync(key, _stopped);
                await _desk.ShowAsync(envelope, request, _stopped);
                Report(envelope, ReceiptState.Read, ShownNote);
                await FinishAsync(key);
                break;
            case MessageRoute.Save:
                await _journal.StartAsync(key, _stopped);
                var name = await _desk.SaveAsync(envelope, request, _stopped);
                await AnswerAsync(key, envelope, Saved(name, request.Content.Length), turn);
                break;
            default:
                await RespondAsync(key, envelope, request, turn, cancellationToken);
                break;
        }
    }

    private async Task RespondAsync(JournalKey key, Envelope envelope, ResponderRequest request, ThreadTurns.Turn turn, CancellationToken cancellationToken)
    {
        try
        {
            Reply reply;
            await using (var sink = new AnswerSink(this, key, envelope))
            {
                reply = await _pipeline.AnswerAsync(request, sink, cancellationToken);
            }

            _desk.Answered(envelope, request, reply);
            await AnswerAsync(key, envelope, reply, turn);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.Draining)
        {
            // Not started: the journal has it, the next process runs it. Those behind it in the thread find the pipeline closed too.
        }
    }

    private void Cancel(Envelope cancel)
    {
        var key = new JournalKey(cancel.From, cancel.Correlation);
        if (!_running.TryGetValue(key, out var cancellation))
        {
            // It overtook its request, which is on its way into the journal, or that has ended.
            _canceled.Add(key);
            if (!_running.TryGetValue(key, out cancellation))
            {
                return;
            }
        }

        try
        {
            cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in this moment.
        }
    }

    private async Task AnswerAsync(JournalKey key, Envelope envelope, Reply reply, ThreadTurns.Turn turn)
    {
        var answer = EnvelopeFactory.Reply(envelope, reply);

        // A hub that was restarted since remembers no request of before: it is to look.
        answer.Resend |= envelope.AcceptedAtMs < Volatile.Read(ref _connectedMs);
        await _journal.AnswerAsync(key, answer, CancellationToken.None);
        turn.Dispose();
        await SendReplyAsync(key, answer);
    }

    /// <summary>Sends a reply until the hub has it, over as many connections as that takes.</summary>
    private async Task SendReplyAsync(JournalKey key, Envelope reply)
    {
        while (true)
        {
            try
            {
                await Link.SendAsync(reply, _stopped);
                break;
            }
            catch (ParleyException exception) when (exception.Code is ErrorCode.Unavailable or ErrorCode.MailboxFull or ErrorCode.MessagePairRate)
            {
                // The hub has no room for it now, or takes no more at once; the journal has it.
                await Task.Delay(_replyRetry, _time, _stopped);
            }
            catch (ParleyException) when (Link.HasEnded)
            {
                // Not this reply was refused, the link ended for good: the journal keeps the reply, and the next listener of the home sends it.
                return;
            }
            catch (ParleyException exception) when (exception.Code is not ErrorCode.Canceled)
            {
                // The requester is gone or does not want it: nobody will ever take this reply.
                LogReplyRefused(exception.Row.WireName, key.Id);
                break;
            }
        }

        await FinishAsync(key);
    }

    private async Task FinishAsync(JournalKey key)
    {
        await _journal.FinishAsync(key, CancellationToken.None);
        OnHandled?.Invoke();
    }

    private void Report(Envelope envelope, ReceiptState state, string note = "") => Link.Report(envelope, state, note);

    private static Reply Saved(string name, int bytes)
    {
        var reply = new Reply { State = ReplyState.Completed, Type = MessageType.Text };
        reply.Meta.Add("saved_as", name);
        reply.Meta.Add("bytes", bytes.ToString());
        return reply;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Message {Id} could not be handled")]
    private partial void LogFailed(string id, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The hub refused the reply to {Id}: {Code}")]
    private partial void LogReplyRefused(string code, string id);
}
