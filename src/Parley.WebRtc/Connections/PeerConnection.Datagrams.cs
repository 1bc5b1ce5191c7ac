using Parley.Crypto.Dtls;
using Parley.Protocol.Stun;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sctp;

namespace Parley.WebRtc.Connections;

/// <summary>Datagrams and time, in and out. Nothing is allocated for a datagram of data.</summary>
public sealed partial class PeerConnection
{
    private const string NotLookedUp = "names that stand for an address of the peer's own network are not looked up";

    private readonly HeldDatagrams _held = new();
    private readonly byte[] _packet = GC.AllocateUninitializedArray<byte>(DtlsConnection.MaxPlaintext);
    private byte[] _record = [];
    private IceRoute? _lastRoute;
    private bool _hadPath;

    /// <inheritdoc/>
    public TimeSpan? NextTimeout
    {
        get
        {
            if (IsDone)
            {
                return null;
            }

            var next = Earlier(_ice.NextTimeout, _closeDeadline);
            next = Earlier(next, _dtls?.NextTimeout);
            return IsCarrying ? Earlier(next, _sctp!.NextTimeout) : next;
        }
    }

    /// <summary>SCTP's packets have a way out. While they have none its clock stands still, so that a new path finds it alive.</summary>
    private bool IsCarrying => _dtls is { State: DtlsState.Connected } && _ice.Route is not null;

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now)
    {
        if (IsDone)
        {
            return;
        }

        var received = _ice.Receive(datagram, local, remote, now);
        if (received.IsData)
        {
            var data = datagram.Slice(received.Offset, received.Length);
            if (StunDemultiplexer.Classify(data) == StunFraming.Dtls)
            {
                OnDtls(data, now);
            }
        }

        Follow(now);
    }

    /// <inheritdoc/>
    public void HandleTimeout(TimeSpan now)
    {
        if (IsDone)
        {
            return;
        }

        if (_ice.NextTimeout <= now)
        {
            _ice.HandleTimeout(now);
        }

        if (_dtls?.NextTimeout <= now)
        {
            _dtls.HandleTimeout(now);
        }

        if (IsCarrying && _sctp!.NextTimeout <= now)
        {
            _sctp.Tick(now);
        }

        Follow(now);
        if (_closeDeadline <= now)
        {
            End(PeerConnectionState.Closed);
        }
    }

    /// <inheritdoc/>
    public void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now)
    {
        _ice.SendFailed(local, remote, reason, now);
        Follow(now);
    }

    /// <inheritdoc/>
    public int Poll(Span<byte> destination, out TransportAddress local, out TransportAddress remote, out bool isProbe, TimeSpan now)
    {
        do
        {
            isProbe = false;
            if (_ice.TryTakeDatagram(out var datagram))
            {
                (local, remote) = (datagram.Local, datagram.Remote);
                datagram.Bytes.CopyTo(destination);
                return datagram.Bytes.Length;
            }

            if (_ice.Route is { } route)
            {
                (local, remote) = (route.Local, route.Remote);
                var length = route.IsWrapped ? PollWrapped(destination, out isProbe, now) : PollRecord(destination, out isProbe, now);
                if (length > 0)
                {
                    return length;
                }
            }
        }
        while (MoveEnding(now));

        (local, remote) = (default, default);
        return 0;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private void OnDtls(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (_dtls is null)
        {
            _held.Add(datagram);
            return;
        }

        _dtls.Receive(datagram, now);
        if (_dtls.State == DtlsState.Connected && _sctp!.State == SctpState.Closed)
        {
            _sctp.Connect(now);
        }

        while (_dtls.TryRead(out var packet))
        {
            _sctp!.Receive(packet, now);
        }
    }

    private int PollRecord(Span<byte> destination, out bool isProbe, TimeSpan now)
    {
        isProbe = false;
        if (_dtls is null)
        {
            return 0;
        }

        var length = _dtls.Poll(destination);
        if (length > 0 || _dtls.State != DtlsState.Connected)
        {
            return length;
        }

        length = _sctp!.Poll(_packet, now);
        isProbe = _sctp.WasProbe;
        return length == 0 ? 0 : _dtls.Send(_packet.AsSpan(0, length), destination);
    }

    // What the relay cannot take yet is lost, as on any network.
    private int PollWrapped(Span<byte> destination, out bool isProbe, TimeSpan now)
    {
        if (_record.Length == 0)
        {
            _record = GC.AllocateUninitializedArray<byte>(PeerConnectionOptions.MostDatagramBytes);
        }

        for (int length; (length = PollRecord(_record, out isProbe, now)) > 0;)
        {
            length = _ice.Wrap(_record.AsSpan(0, length), destination);
            if (length > 0)
            {
                return length;
            }
        }

        return 0;
    }

    /// <summary>Draws the conclusions from what ICE, DTLS and SCTP have come to.</summary>
    private void Follow(TimeSpan now)
    {
        while (_ice.TryTakeEvent(out var happened))
        {
            OnIce(happened, now);
        }

        if (_endingStep != EndingStep.None)
        {
            return;
        }

        if (_dtls is { State: DtlsState.New } && _isClient && _ice.Route is not null)
        {
            _dtls.Start(now);
        }

        if (!HasEnded())
        {
            SetState(Derive());
        }
    }

    private void OnIce(IceEvent happened, TimeSpan now)
    {
        switch (happened.Kind)
        {
            case IceEventKind.LocalCandidate:
                _told.Enqueue(new PeerConnectionEvent(PeerConnectionEventKind.LocalCandidate, Candidate: happened.Candidate));
                break;
            case IceEventKind.GatheringDone:
                _isGathered = true;
                _told.Enqueue(new PeerConnectionEvent(PeerConnectionEventKind.GatheringDone));
                break;
            case IceEventKind.ResolveName:
                _ice.Resolved(happened.Candidate!, null, NotLookedUp, now);
                break;
            case IceEventKind.Restarted:
                _isGathered = false;
                break;
            case IceEventKind.PairSelected:
                OnRoute(happened.Route!, now);
                _told.Enqueue(new PeerConnectionEvent(PeerConnectionEventKind.RouteChanged, Route: happened.Route));
                break;
        }
    }

    // A pair whose kind became known later is no other path, unless that kind is a relay's.
    private void OnRoute(IceRoute route, TimeSpan now)
    {
        if (_lastRoute is null || (_lastRoute.Local, _lastRoute.Remote, _lastRoute.IsWrapped, _lastRoute.IsRelayed) != (route.Local, route.Remote, route.IsWrapped, route.IsRelayed))
        {
            _sctp?.OnPathChanged(now, route.IsRelayed ? RelayedPacketBytes : int.MaxValue);
        }

        (_lastRoute, _hadPath) = (route, true);
    }

    private PeerConnectionState Derive()
    {
        if (_ice.State == IceState.Failed)
        {
            (Failure, FailureReason) = _hadPath
                ? (PeerConnectionFailure.PathLost, "The peer has not answered on the path for too long.")
                : (PeerConnectionFailure.NoPath, "No pair of addresses worked between the two ends.");
            return PeerConnectionState.Failed;
        }

        (Failure, FailureReason) = (PeerConnectionFailure.None, null);
        if (_remote is null)
        {
            return PeerConnectionState.New;
        }

        if (_sctp!.State is SctpState.Closed or SctpState.CookieWait or SctpState.CookieEchoed)
        {
            return PeerConnectionState.Connecting;
        }

        return _ice.Route is null || _ice.State == IceState.Disconnected ? PeerConnectionState.Disconnected : PeerConnectionState.Connected;
    }
}
