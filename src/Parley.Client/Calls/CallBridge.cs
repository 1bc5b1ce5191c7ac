using System.Text.Json;
using Microsoft.Extensions.Logging;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Client.Peering.Udp;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Calls;

/// <summary>Stands between the page of a call and the other agent: serves the page, has its certificate signed, and carries what the two pages tell each other.</summary>
public sealed partial class CallBridge : IAsyncDisposable
{
    private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _fingerprint = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CallPage _page;
    private readonly CallOptions _options;
    private readonly ICallEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private TaskCompletionSource<bool>? _answer;
    private CallTalk? _talk;
    private PageLink? _link;
    private Task _hearing = Task.CompletedTask;

    private CallBridge(CallPage page, CallOptions options, ICallEvents events, TimeProvider time, ILogger logger) =>
        (_page, _options, _events, _time, _logger) = (page, options, events, time, logger);

    /// <summary>What a browser opens: it is a secret until one did.</summary>
    public Uri Address => _page.Address;

    /// <summary>Starts to serve the page.</summary>
    public static async Task<CallBridge> StartAsync(CallOptions options, ICallEvents events, TimeProvider time, FillRandom random, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        new(await CallPage.StartAsync(random, cancellationToken), options, events, time, loggers.CreateLogger("Parley.Call"));

    /// <summary>Waits until a browser has opened the page.</summary>
    /// <returns>The hash of the certificate that it made for this call; every session of the call must have it signed.</returns>
    public async Task<ReadOnlyMemory<byte>> WaitPageAsync(CancellationToken cancellationToken)
    {
        _link = new PageLink(await _page.Window.WaitAsync(cancellationToken));
        _hearing = Task.Run(() => HearPageAsync(_link), CancellationToken.None);
        return await _fingerprint.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Tells the page what it sends, and what helps it to find a way; before any session.</summary>
    /// <param name="hub">The hub's STUN server; null when it has none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ConfigureAsync(IceServer? hub, CancellationToken cancellationToken)
    {
        IEnumerable<IceServer> all = hub is null ? _options.IceServers : _options.IceServers.Prepend(hub).Distinct();
        var servers = all.Select(static server => new PageIceServer(server.ToString(), server.IsRelay ? server.User : null, server.IsRelay ? server.Secret : null));
        return Link.SayAsync(new PageMessage("config") { Share = _options.Share, IceServers = [.. servers] }, cancellationToken);
    }

    /// <summary>Has the page ask its user whether a call is taken.</summary>
    public async Task<bool> AskAsync(IPeerSession session, CancellationToken cancellationToken)
    {
        var answer = _answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Link.SayAsync(Introduce("ring", session), cancellationToken);
        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Tells somebody that its call is not taken.</summary>
    public static Task DeclineAsync(IPeerSession session, CancellationToken cancellationToken)
    {
        CallTalk.SayOver(session);
        return Task.CompletedTask;
    }

    /// <summary>Runs one call until either end hangs up or the page is closed.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>: a description names another certificate than the signed one. Or the other end was not met, or declined.</exception>
    public async Task RunAsync(IPeerMeeting meeting, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var meet = meeting.MeetAsync(cancellationToken);
                if (await Task.WhenAny(meet, _left.Task) != meet)
                {
                    await _left.Task;
                    return;
                }

                await using var session = await meet;
                _events.OnSession(session);
                if (await TalkAsync(meeting, session, cancellationToken))
                {
                    return;
                }
            }
        }
        catch (ParleyException exception)
        {
            await Link.SayAsync(new PageMessage("over") { Text = exception.Message }, CancellationToken.None);
            throw;
        }
        finally
        {
            await Link.SayAsync(new PageMessage("over") { Text = "The call is over." }, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _page.DisposeAsync();
        await _hearing;
        _link?.Dispose();
        _stopping.Dispose();
    }

    private PageLink Link => _link ?? throw new InvalidOperationException("No browser has opened the page.");

    /// <summary>Talks in one session.</summary>
    /// <returns>Whether the call is over; false when another session takes its place.</returns>
    private async Task<bool> TalkAsync(IPeerMeeting meeting, IPeerSession session, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var talk = new CallTalk(session, _time);
        var replaced = meeting.WaitReplacedAsync(session, () => talk.HasHeard, stop.Token);
        var opened = OpenAsync(talk, session, stop.Token);
        var talking = talk.RunAsync(signal => SignalAsync(opened, signal, stop.Token), stop.Token);
        try
        {
            var first = await Task.WhenAny(talking, replaced, _left.Task);
            cancellationToken.ThrowIfCancellationRequested();
            if (first == talking)
            {
                return await EndOf(talking, talk, session);
            }

            if (first == replaced)
            {
                return false;
            }

            await _left.Task;
            return true;
        }
        finally
        {
            _talk = null;
            talk.HangUp();
            await stop.CancelAsync();
            await Task.WhenAll(talking, replaced, opened).ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<bool> EndOf(Task talking, CallTalk talk, IPeerSession session)
    {
        try
        {
            await talking;
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.AgentOffline && !talk.HasHeard)
        {
            LogLost(session.Id);
            return false;
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.AgentOffline)
        {
            _events.OnNote($"{session.Remote} is gone");
            return true;
        }

        if (!talk.HasSignals)
        {
            throw new ParleyException(ErrorCode.PermissionDenied, $"{session.Remote} did not take the call.");
        }

        _events.OnNote($"{session.Remote} hung up");
        return true;
    }

    /// <summary>Once the other end has spoken, the page may begin.</summary>
    private async Task OpenAsync(CallTalk talk, IPeerSession session, CancellationToken cancellationToken)
    {
        await talk.Ready.WaitAsync(cancellationToken);
        _talk = talk;
        await Link.SayAsync(Introduce("peer", session) with { Polite = !session.IsOpener }, cancellationToken);
    }

    // The page knows whose signals these are: it may have those of another session still.
    private async Task SignalAsync(Task opened, JsonElement signal, CancellationToken cancellationToken)
    {
        await opened;
        await Link.SayAsync(new PageMessage("signal") { Signal = signal }, cancellationToken);
    }

    private static PageMessage Introduce(string type, IPeerSession session) => new(type)
    {
        Agent = session.Remote.ToString(),
        Trust = session.Trust switch { PeerTrust.Verified => "verified", PeerTrust.Pinned => "pinned", _ => "unverified" },
        Phrase = session.Phrase,
    };

    private async Task HearPageAsync(PageLink link)
    {
        try
        {
            while (await link.HearAsync(_stopping.Token) is { } message)
            {
                await TakeAsync(message);
                if (message.Type == "end")
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The call is over.
        }
        catch (ParleyException exception)
        {
            LogPage(exception.Row.WireName);
            Fail(exception);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            Fail(new ParleyException(ErrorCode.InvalidArgument, "What the call tells cannot be shown: the output takes no more.", exception));
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            Fail(new ParleyException(ErrorCode.Internal, "What the page said could not be handled; the log has the details.", exception));
        }
        finally
        {
            // However it ended: whoever waits for the page waits no longer.
            _fingerprint.TrySetException(new ParleyException(ErrorCode.Canceled, "The page was closed."));
            _left.TrySetResult();
            _answer?.TrySetResult(false);
        }
    }

    private void Fail(ParleyException reason)
    {
        _fingerprint.TrySetException(reason);
        _talk?.Fail(reason);
        _left.TrySetException(reason);

        // Nobody may be in a call.
        _ = _left.Task.Exception;
    }

    private async Task TakeAsync(PageMessage message)
    {
        switch (message)
        {
            case { Type: "hello", Fingerprint: { } text }:
                if (!SdpFingerprints.TryParse(text, out var hash) || !_fingerprint.TrySetResult(hash))
                {
                    throw new ParleyException(ErrorCode.ProtocolViolation, "The page showed no certificate, or a second one.");
                }

                break;
            case { Type: "answer", Take: { } isTaken }:
                _answer?.TrySetResult(isTaken);
                break;
            case { Type: "signal", Signal: { } signal }:
                _talk?.Say(signal, (await _fingerprint.Task).Span);
                break;
            case { Type: "state", State: { Length: < 20 } state }:
                _events.OnState(state, message.Path);
                break;
            case { Type: "stats" }:
                _events.OnFrames(message.FramesSent ?? 0, message.FramesReceived ?? 0);
                break;
            case { Type: "note", Text: { } text }:
                _events.OnNote(text);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} of a call ended before anything was said in it")]
    private partial void LogLost(string session);

    [LoggerMessage(Level = LogLevel.Error, Message = "What the page of a call said could not be handled")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The page of a call was cut off: {Code}")]
    private partial void LogPage(string code);
}
