using Parley.Crypto.Dtls;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;
using Parley.WebRtc.Udp;

namespace Parley.Client.Peering.Udp;

/// <summary>A connection on real sockets with one data channel: takes its events, and wakes whoever waits for one.</summary>
/// <remarks>Messages are left in the connection until somebody reads them, which closes the window of whoever sends. Everything here is done in turns of the driver.</remarks>
internal sealed partial class UdpPeer : IAsyncDisposable
{
    /// <summary>The name of the one channel.</summary>
    public const string Label = "parley";

    private readonly UdpDriver _driver;
    private readonly PeerConnection _connection;
    private readonly WatchedMachine _machine;
    private readonly List<IceCandidate> _candidates = [];
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _opens;
    private TaskCompletionSource _news = NewWaiter();
    private DataChannel? _channel;
    private bool _isGathered;
    private bool _isOver;
    private bool _isDisposed;

    /// <summary>Opens sockets and begins to look for addresses.</summary>
    /// <param name="driver">Its sockets; owned from now on.</param>
    /// <param name="options">What the connection may use.</param>
    /// <param name="opens">Whether this end offers, and opens the channel.</param>
    /// <param name="certificate">This end's; stays its owner's.</param>
    /// <param name="random">Credentials, tags and ids.</param>
    public UdpPeer(UdpDriver driver, PeerConnectionOptions options, bool opens, DtlsCertificate certificate, FillRandom random)
    {
        (_driver, _opens) = (driver, opens);
        _connection = new PeerConnection(options, opens ? IceRole.Controlling : IceRole.Controlled, certificate, random);
        _machine = new WatchedMachine(_connection, _done);
        _driver.Start(_machine, OnTurn);
        _ = WatchAsync();
    }

    /// <summary>Ends with success once the channel can be used, or with the reason why it never will be.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerUnreachable"/>; <see cref="ErrorCode.PeerProof"/>: another certificate than the proved one.</exception>
    public Task Opened => _opened.Task;

    /// <summary>Uses these of the driver's addresses, and asks servers from them.</summary>
    public void Gather(bool isLoopback)
    {
        using var turn = _driver.Enter();
        foreach (var local in _driver.Locals)
        {
            if (local.IsLoopback == isLoopback)
            {
                _connection.AddLocal(local, turn.Now);
            }
        }

        _connection.StartGathering(turn.Now);
        ReadOn(turn.Now);
    }

    /// <summary>What the end that opens says first.</summary>
    public string Offer()
    {
        using var turn = _driver.Enter();
        var offer = _connection.CreateOffer().ToString();
        ReadOn(turn.Now);
        return offer;
    }

    /// <summary>The other end's answer to it.</summary>
    /// <exception cref="ParleyException">It is not to be used.</exception>
    public void AcceptAnswer(SessionDescription answer)
    {
        using var turn = _driver.Enter();
        _connection.AcceptAnswer(answer, turn.Now);
        _channel = _connection.OpenChannel(new DataChannelOptions { Label = Label }, turn.Now);
        ReadOn(turn.Now);
    }

    /// <summary>Takes the offer of the end that opens.</summary>
    /// <returns>What to say to it.</returns>
    /// <exception cref="ParleyException">It is not to be used.</exception>
    public string AcceptOffer(SessionDescription offer)
    {
        using var turn = _driver.Enter();
        var answer = _connection.AcceptOffer(offer, turn.Now).ToString();
        ReadOn(turn.Now);
        return answer;
    }

    /// <summary>Candidates of the other end; those that are known already change nothing.</summary>
    public void AddCandidates(IEnumerable<IceCandidate> candidates, bool isAll)
    {
        using var turn = _driver.Enter();
        foreach (var candidate in candidates)
        {
            _connection.AddRemoteCandidate(candidate, turn.Now);
        }

        if (isAll)
        {
            _connection.EndOfRemoteCandidates(turn.Now);
        }

        ReadOn(turn.Now);
    }

    /// <summary>Our candidates so far, whether they are all, and what ends when there are more.</summary>
    public (IReadOnlyList<IceCandidate> Candidates, bool IsAll, Task More) Candidates()
    {
        using var turn = _driver.Enter();
        return ([.. _candidates], _isGathered, _news.Task);
    }

    /// <summary>Whether the other end was heard at some address, and nothing has failed since.</summary>
    public bool HasHeard
    {
        get
        {
            using var turn = _driver.Enter();
            return !_isOver && _connection.HasHeard;
        }
    }

    /// <summary>What is known of all pairs.</summary>
    public IceReport Report()
    {
        using var turn = _driver.Enter();
        return _connection.Report();
    }

    /// <summary>The way that bytes take.</summary>
    public IceRoute? Route()
    {
        using var turn = _driver.Enter();
        return _connection.Route;
    }

    /// <summary>Closes it: what was written is delivered first, while the other end takes it.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var turn = _driver.Enter())
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            if (_hasWritten && !_isOver && _connection.State == PeerConnectionState.Connected)
            {
                _connection.Close(turn.Now);
            }
            else
            {
                _connection.Abort();
            }

            // Nobody reads any more, and the window must open for the end to arrive.
            _drains = true;
            _unread = default;
            OnTurn(turn.Now);
        }

        await Task.WhenAny(_done.Task, _driver.Completion);
        await _driver.DisposeAsync();
        try
        {
            await EndRelaysAsync();
        }
        finally
        {
            _connection.Dispose();
        }
    }

    private static TaskCompletionSource NewWaiter() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A driver that stopped wakes nobody any more.</summary>
    private async Task WatchAsync()
    {
        await _driver.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var turn = _driver.Enter();
        _isOver = true;
        _opened.TrySetException(new ParleyException(ErrorCode.PeerUnreachable, "the sockets were closed"));
        _ = _opened.Task.Exception;
        WakeStream();
    }

    private void OnTurn(TimeSpan now)
    {
        ReadOn(now);
        Settle();
    }

    /// <summary>Reads events until there is a message that nobody has taken yet.</summary>
    private void ReadOn(TimeSpan now)
    {
        while (_unread.IsEmpty && _connection.TryRead(now, out var happened))
        {
            switch (happened.Kind)
            {
                case PeerConnectionEventKind.LocalCandidate:
                    _candidates.Add(happened.Candidate!);
                    Tell();
                    break;
                case PeerConnectionEventKind.GatheringDone:
                    _isGathered = true;
                    Tell();
                    break;
                case PeerConnectionEventKind.ChannelOpened when happened.Channel == _channel:
                    _opened.TrySetResult();
                    break;
                case PeerConnectionEventKind.PeerOpenedChannel when !_opens && _channel is null && happened.Channel!.Options.Label == Label:
                    _channel = happened.Channel;
                    _opened.TrySetResult();
                    break;
                case PeerConnectionEventKind.Message when happened.Channel == _channel && !_drains:
                    _unread = happened.Payload;
                    break;
                case PeerConnectionEventKind.ChannelClosing or PeerConnectionEventKind.ChannelClosed when happened.Channel == _channel:
                    _isOver = true;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Wakes those whose wait is over.</summary>
    private void Settle()
    {
        if (_connection.State is PeerConnectionState.Failed or PeerConnectionState.Closed)
        {
            _isOver = true;
            _opened.TrySetException(_connection.Failure == PeerConnectionFailure.OtherCertificate
                ? new ParleyException(ErrorCode.PeerProof, "somebody showed another certificate than the proved one")
                : new ParleyException(ErrorCode.PeerUnreachable, _connection.FailureReason ?? "the connection was closed"));
            _ = _opened.Task.Exception;
        }

        WakeStream();
    }

    private void Tell()
    {
        _news.TrySetResult();
        _news = NewWaiter();
    }
}
