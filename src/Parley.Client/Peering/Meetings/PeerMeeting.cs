using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Formats;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Meetings;

/// <summary>Brings two ends together for a purpose that has one partner, such as a chat: either, or both, may ask for it, and others are turned away.</summary>
/// <remarks>
/// When both ask at once there are two sessions. Both ends keep the one that the smaller address opened: an end drops its own for one that comes in, unless its own address is the smaller
/// and the other end has not spoken yet. A session that comes in later takes the place of the one in use: its end was started anew, or lost its link.
/// </remarks>
public sealed partial class PeerMeeting : IPeerMeeting, IAsyncDisposable
{
    private static readonly TimeSpan _courtesy = TimeSpan.FromSeconds(1);

    private readonly Channel<IPeerSession> _incoming = Channel.CreateBounded<IPeerSession>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.Wait });
    private readonly TurningAway _turning = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IPeering _peering;
    private readonly AgentAddress _self;
    private readonly PeerPurpose _purpose;
    private readonly string? _target;
    private readonly TimeSpan _patience;
    private readonly Func<IPeerSession, CancellationToken, Task<bool>> _welcome;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private AgentAddress? _partner;
    private bool _isAgain;
    private Task _accepting = Task.CompletedTask;

    /// <summary>A meeting; <see cref="Start"/> begins to take who comes.</summary>
    /// <param name="peering">Must accept the purpose.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="self">This agent.</param>
    /// <param name="target">Whom to ask; null to wait for somebody.</param>
    /// <param name="patience">How long the other end is waited for; ignored while waiting for somebody.</param>
    /// <param name="welcome">Whether somebody who comes without being asked is taken; the first who is becomes the partner.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Lifecycle.</param>
    public PeerMeeting(
        IPeering peering, PeerPurpose purpose, AgentAddress self, string? target, TimeSpan patience, Func<IPeerSession, CancellationToken, Task<bool>> welcome, TimeProvider time, ILogger logger)
    {
        (_peering, _purpose, _self, _target, _patience, _welcome, _time, _logger) = (peering, purpose, self, target, patience, welcome, time, logger);
        if (target is not null)
        {
            // A bare name means an own agent first; what it means beyond, the hub says when it is asked.
            _partner = AgentAddress.TryParse(target, out var whole) ? whole : AgentAddress.TryParse($"{self.Owner}.{target}", out var own) ? own : null;
        }
    }

    /// <summary>How somebody who is turned away is told, before the session is closed; within ten seconds.</summary>
    public Func<IPeerSession, CancellationToken, Task> TellAsync { get; init; } = static (_, _) => Task.CompletedTask;

    /// <summary>Begins to take sessions.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync, CancellationToken.None);

    /// <inheritdoc/>
    public async Task<IPeerSession> MeetAsync(CancellationToken cancellationToken)
    {
        if (_target is null)
        {
            _isAgain = true;
            return await NextAsync(cancellationToken);
        }

        using var patience = new CancellationTokenSource(_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await AskAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, $"Nobody of {_target} answered within {DurationText.Format(_patience)}: it must run parley p2p {PeerPurposeName.Of(_purpose)}.");
        }
    }

    /// <inheritdoc/>
    public async Task WaitReplacedAsync(IPeerSession session, Func<bool> hasHeard, CancellationToken cancellationToken)
    {
        while (await _incoming.Reader.WaitToReadAsync(cancellationToken))
        {
            if (!session.IsOpener || hasHeard() || !IsSmaller(session.Remote))
            {
                return;
            }

            // Both asked at once, and ours stays.
            await DropIncomingAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _turning.Dispose();
        await _accepting;
        await DropIncomingAsync();
        _stopping.Dispose();
    }

    private bool IsSmaller(AgentAddress remote) => string.CompareOrdinal(_self.ToString(), remote.ToString()) < 0;

    private async Task<IPeerSession> AskAsync(CancellationToken cancellationToken)
    {
        if (_isAgain && _partner is { } known && !IsSmaller(known))
        {
            // It may be asking at this moment; then there is no need to.
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            wait.CancelAfter(_courtesy);
            try
            {
                return await NextAsync(wait.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It does not.
            }
        }

        _isAgain = true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var opening = _peering.OpenAsync(_target!, _purpose, stop.Token);
        var coming = _incoming.Reader.WaitToReadAsync(stop.Token).AsTask();
        await Task.WhenAny(opening, coming);
        await stop.CancelAsync();
        await Task.WhenAll(opening, coming).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        var mine = opening.IsCompletedSuccessfully ? await opening : null;
        if (mine is not null && (IsSmaller(mine.Remote) || !_incoming.Reader.TryPeek(out _)))
        {
            _partner = mine.Remote;
            return mine;
        }

        if (mine is not null)
        {
            await mine.DisposeAsync();
        }

        if (_incoming.Reader.TryRead(out var theirs))
        {
            return theirs;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await opening;
    }

    private async Task<IPeerSession> NextAsync(CancellationToken cancellationToken)
    {
        var session = await _incoming.Reader.ReadAsync(cancellationToken);
        while (_incoming.Reader.TryRead(out var newer))
        {
            await session.DisposeAsync();
            session = newer;
        }

        return session;
    }

    private async Task AcceptAsync()
    {
        try
        {
            await foreach (var session in _peering.AcceptAsync(_purpose, _stopping.Token))
            {
                if (_partner is { } partner ? session.Remote == partner : _target is null && await _welcome(session, _stopping.Token))
                {
                    _partner = session.Remote;
                    if (!_incoming.Writer.TryWrite(session))
                    {
                        await session.DisposeAsync();
                    }
                }
                else
                {
                    LogTurnedAway(session.Remote.ToString());
                    _ = _turning.TurnAwayAsync(session, TellAsync);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // How it ends.
        }
        catch (ParleyException exception)
        {
            _incoming.Writer.TryComplete(exception);
        }
    }

    private async Task DropIncomingAsync()
    {
        while (_incoming.Reader.TryRead(out var session))
        {
            await session.DisposeAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A session of {Agent} is not taken")]
    private partial void LogTurnedAway(string agent);
}
