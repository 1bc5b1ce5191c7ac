using Microsoft.Extensions.Logging;
using Parley.Client.Chat.Files;
using Parley.Client.Chat.Wire;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Chat;

/// <summary>One end of a chat: what is said arrives once, over as many paths and sessions as it takes.</summary>
/// <remarks>May be called from any thread; <see cref="IChatEvents"/> hears one thing after another.</remarks>
public sealed partial class ChatTalk
{
    /// <summary>Own files that are done, of which the other end may not have heard so: more than a user of it has under way.</summary>
    private const int MaxDone = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(bool IsMine, long Number), ChatFile> _files = [];
    private readonly Queue<long> _done = new();
    private readonly ChatState _state;
    private readonly IPeerMeeting _meeting;
    private readonly IChatEvents _events;
    private readonly ChatOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private TaskCompletionSource _news = NewSource();
    private ParleyException? _ended;
    private IPeerSession? _session;
    private ChatPath? _path;
    private bool _isTyping;
    private bool _isLeaving;

    /// <summary>One end of a chat that has said nothing yet.</summary>
    /// <param name="meeting">Where its sessions come from.</param>
    /// <param name="events">Who shows it.</param>
    /// <param name="options">Limits, and which paths may be used.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">Draws the speaker's id.</param>
    /// <param name="logger">Lifecycle, never words.</param>
    public ChatTalk(IPeerMeeting meeting, IChatEvents events, ChatOptions options, TimeProvider time, FillRandom random, ILogger logger)
    {
        (_meeting, _events, _options, _time, _logger) = (meeting, events, options, time, logger);
        Span<byte> speaker = stackalloc byte[16];
        random(speaker);
        _state = new ChatState(new Guid(speaker, bigEndian: true), options.MaxHeld);
    }

    /// <summary>What was said and is not acknowledged yet.</summary>
    public int Waiting => Under(() => _state.Held);

    /// <summary>How the bytes travel at the moment, or did last.</summary>
    public PathKind PathKind { get; private set; } = PathKind.Relayed;

    /// <summary>Says something; it arrives when there is a path.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.MessageTooLarge"/>; or <see cref="ErrorCode.Unavailable"/>: see <see cref="RoomAsync"/>.</exception>
    public long Say(string text) => Say(ChatItemKind.Message, 0, 0, text);

    /// <summary>Offers a file.</summary>
    /// <returns>Its number, under which <see cref="OpenFile"/> sends it once it was taken.</returns>
    public long Offer(string name, long size) => Say(ChatItemKind.Offer, 0, size, name);

    /// <summary>Says whether a file of the other end is wanted.</summary>
    public long Answer(long file, bool isTaken) => Say(isTaken ? ChatItemKind.Taken : ChatItemKind.Declined, file, 0, string.Empty);

    /// <summary>Says whether the user types. Nobody hears it while there is no path.</summary>
    public void Type(bool isTyping)
    {
        Under(() => _isTyping = isTyping);
        Wake();
    }

    /// <summary>Leaves: the other end is told where there is a path to it, and <see cref="RunAsync"/> ends.</summary>
    public void Leave()
    {
        Under(() => _isLeaving = true);
        Wake();
    }

    /// <summary>The session of a file: of an own one that was taken, or, before saying that it is taken, of one of the other end.</summary>
    public IPeerSession OpenFile(bool isMine, long number)
    {
        lock (_gate)
        {
            var remote = _session?.Remote ?? throw new ParleyException(ErrorCode.AgentOffline, "There is nobody in the chat yet.");
            return _files.TryGetValue((isMine, number), out var known) ? known : _files[(isMine, number)] = new ChatFile(this, isMine, number, remote);
        }
    }

    /// <summary>Waits until something more may be said.</summary>
    public Task RoomAsync(CancellationToken cancellationToken) => WaitAsync(() => _state.HasRoom, cancellationToken);

    /// <summary>Waits until the other end has everything.</summary>
    public Task ReceivedAsync(CancellationToken cancellationToken) => WaitAsync(() => _state.Held == 0, cancellationToken);

    /// <summary>Runs the chat until either user leaves.</summary>
    /// <exception cref="ParleyException">The other end was not met, or refused, or broke the protocol; or what it said could not be shown.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var leaving = LeaveWithoutPathAsync(looking);
        try
        {
            await RunSessionsAsync(looking.Token, cancellationToken);
        }
        catch (OperationCanceledException) when (looking.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The user left while there was no path.
        }
        catch (ParleyException exception)
        {
            // Whoever waits for room or receipts hears the same reason: it may be told before this ends.
            End(exception);
            throw;
        }
        finally
        {
            End(new ParleyException(ErrorCode.AgentOffline, "The chat is over."));
            await looking.CancelAsync();
            await leaving;
        }
    }

    /// <summary>A way for an own file on the path that there is, or the next one.</summary>
    internal async Task<FileWay> OpenWayAsync(ChatFile file, int number, CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitAsync(() => _path is not null, cancellationToken);
            if (Under(() => _path) is { } path && await path.OpenWayAsync(file.Number, number, cancellationToken) is { } way)
            {
                return way;
            }
        }
    }

    /// <summary>A file is done here; of an own one the other end is told, which waits for no further way then.</summary>
    internal void Forget(ChatFile file)
    {
        ChatPath? path;
        lock (_gate)
        {
            if (!IsKnown(file) || !_files.Remove((file.IsMine, file.Number)) || !file.IsMine)
            {
                return;
            }

            path = _path;
            _done.Enqueue(file.Number);
            if (_done.Count > MaxDone)
            {
                _done.Dequeue();
            }
        }

        path?.SayClosed(new FileRoute(true, file.Number, 0));
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Who leaves says so on the path; where there is none, and none comes soon, nobody is looked for any more.
    private async Task LeaveWithoutPathAsync(CancellationTokenSource looking)
    {
        try
        {
            await WaitAsync(() => _isLeaving, looking.Token);
            await Task.Delay(_options.LeaveTime, _time, looking.Token);
            await WaitAsync(() => _path is null, looking.Token);
            await looking.CancelAsync();
        }
        catch (Exception exception) when (exception is OperationCanceledException or ParleyException)
        {
            // The chat ended by itself.
        }
    }

    private async Task RunSessionsAsync(CancellationToken looking, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var session = await _meeting.MeetAsync(looking);
            Under(() => _session = session);
            Show(() => _events.OnSession(session));
            try
            {
                if (await RunSessionAsync(session, looking, cancellationToken))
                {
                    return;
                }
            }
            catch (ParleyException exception) when (exception.Code is ErrorCode.AgentOffline or ErrorCode.PeerUnreachable or ErrorCode.Canceled)
            {
                LogLost(session.Id, exception.Row.WireName);
                Show(() => _events.OnLost(exception));
                if (Under(() => _isLeaving))
                {
                    return;
                }
            }
        }
    }

    private async Task<bool> RunSessionAsync(IPeerSession session, CancellationToken looking, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var heard = false;
        var replaced = _meeting.WaitReplacedAsync(session, () => Volatile.Read(ref heard), stop.Token);
        var talking = RunPathsAsync(session, () => Volatile.Write(ref heard, true), looking, stop.Token);
        var first = await Task.WhenAny(talking, replaced);
        await stop.CancelAsync();
        if (first == talking)
        {
            await replaced.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return await talking;
        }

        await talking.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        await replaced;
        return false;
    }

    private async Task<bool> RunPathsAsync(IPeerSession session, Action heard, CancellationToken looking, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(looking, cancellationToken);
        var idle = 0;
        while (true)
        {
            await using var path = await session.ConnectAsync(_options.AllowedPaths, either.Token);
            LogPath(session.Id, path.Kind);
            var running = new ChatPath(this, path);
            try
            {
                await running.RunAsync(heard, cancellationToken);
                return true;
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or System.Net.Sockets.SocketException)
            {
                LogBreak(session.Id, path.Kind, exception.GetType().Name);
                idle = running.HasHeard ? 0 : idle + 1;
                if (idle >= _options.MaxIdlePaths)
                {
                    throw new ParleyException(ErrorCode.AgentOffline, $"{idle} paths in a row broke at once.", exception);
                }

                Show(() => _events.OnLost(null));
            }
        }
    }

    // A speaker numbers from 1: a file of the one before would be taken for the new one's, and its bytes come no more. Under the gate.
    private (long Known, bool IsAnew) Begin(ChatHello theirs)
    {
        var former = _state.Heard;
        var known = _state.Begin(theirs);
        if (former == Guid.Empty || former == theirs.Speaker)
        {
            return (known, false);
        }

        foreach (var file in _files.Values.Where(static file => !file.IsMine).ToList())
        {
            file.End(new ParleyException(ErrorCode.AgentOffline, "The other end's program was started anew: it has to offer the file again."));
            _files.Remove((false, file.Number));
        }

        _done.Clear();
        return (known, true);
    }

    private void ShowBeginning(PeerPath path, long known, bool isAnew)
    {
        if (isAnew)
        {
            Show(_events.OnStartedAnew);
        }

        Show(() => _events.OnPath(path));
        if (known > 0)
        {
            Show(() => _events.OnReceived(known));
        }
    }

    private bool IsKnown(ChatFile file) => _files.GetValueOrDefault((file.IsMine, file.Number)) == file;

    private long Say(ChatItemKind kind, long file, long size, string text)
    {
        var number = Under(() => _ended is { } ended ? throw ended : _state.Say(kind, _time.GetUtcNow(), file, size, text));
        Wake();
        return number;
    }

    // A screen that takes no more is no broken path: what it did not show was not received.
    private static void Show(Action show)
    {
        try
        {
            show();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "What is said cannot be shown: the output takes no more.", exception);
        }
    }

    private async Task WaitAsync(Func<bool> isThere, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (isThere())
                {
                    return;
                }

                if (_ended is not null)
                {
                    throw _ended;
                }

                news = _news.Task;
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    private void End(ParleyException reason)
    {
        lock (_gate)
        {
            _ended ??= reason;
            foreach (var file in _files.Values)
            {
                file.End(_ended);
            }
        }

        Wake();
    }

    private T Under<T>(Func<T> action)
    {
        lock (_gate)
        {
            return action();
        }
    }

    private void Under(Action action)
    {
        lock (_gate)
        {
            action();
        }
    }

    private void Wake()
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            (news, _news) = (_news, NewSource());
        }

        news.TrySetResult();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Chat {Session} goes over {Kind}")]
    private partial void LogPath(string session, PathKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Chat {Session}: {Kind} broke ({Failure})")]
    private partial void LogBreak(string session, PathKind kind, string failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Chat {Session} is lost: {Code}")]
    private partial void LogLost(string session, string code);
}
