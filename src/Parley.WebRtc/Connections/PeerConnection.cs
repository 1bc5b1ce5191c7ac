using Parley.Crypto.Dtls;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Stun;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Udp;
using Parley.WebRtc.Turn;

namespace Parley.WebRtc.Connections;

/// <summary>A WebRTC connection to one peer, data channels only, without I/O: ICE finds the path, DTLS proves and encrypts, SCTP orders, channels carry messages.</summary>
/// <remarks>
/// In go addresses of our sockets (<see cref="AddLocal"/>), descriptions and candidates of the peer, datagrams, and the time as a span since any one origin of the
/// caller's. Out come descriptions and events (<see cref="TryRead"/>), datagrams (<see cref="Poll"/>) and the next deadline (<see cref="NextTimeout"/>): look for
/// events, then poll until 0, after every call of any method, of its channels' too. States: <see cref="PeerConnectionState"/>. Not safe for more than one thread at a time.
/// <para>
/// The one that offers: <see cref="CreateOffer"/>, signal it, <see cref="AcceptAnswer"/>. The other: <see cref="AcceptOffer"/>, signal what it returns. Both:
/// <see cref="StartGathering"/>, signal each candidate that is told, give the peer's to <see cref="AddRemoteCandidate"/>. Channels can be opened once both
/// descriptions are known. After <see cref="Restart"/>, offer again; either end may.
/// </para>
/// <para>
/// Kept for a peer, at most: the buffers of <see cref="SctpOptions"/>, twice 64 KiB for DTLS, 16 datagrams before its answer, and the limits of <see cref="IceOptions"/>.
/// Events of ICE are as few as candidates are; those of channels count against the receive buffer. Names in candidates (mDNS) are not looked up: the report says so.
/// </para>
/// </remarks>
public sealed partial class PeerConnection : IDatagramMachine, IDisposable
{
    private readonly PeerConnectionOptions _options;
    private readonly DtlsCertificate _certificate;
    private readonly FillRandom _random;
    private readonly IceAgent _ice;
    private readonly Queue<PeerConnectionEvent> _told = new();
    private DtlsConnection? _dtls;
    private SctpAssociation? _sctp;
    private DataChannels? _channels;
    private bool _isFinalUntold;
    private bool _isGathered;

    /// <summary>A connection that knows no address yet.</summary>
    /// <param name="options">What it may use.</param>
    /// <param name="role">Controlling for the end that makes the first offer.</param>
    /// <param name="certificate">Ours; it stays the caller's.</param>
    /// <param name="random">Source of credentials, tags and ids: the operating system's in production.</param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public PeerConnection(PeerConnectionOptions options, IceRole role, DtlsCertificate certificate, FillRandom random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxDatagramBytes, LeastDatagramBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxDatagramBytes, PeerConnectionOptions.MostDatagramBytes);
        if (options.PeerFingerprint.Length is not (0 or DtlsCertificate.FingerprintBytes))
        {
            throw new ArgumentException("A fingerprint is a SHA-256 hash.", nameof(options));
        }

        (_options, _certificate, _random) = (options, certificate, random);
        _ice = new IceAgent(options.Ice, role, random);
        _isPolite = role == IceRole.Controlled;
        _sessionId = MakeSessionId(random);
    }

    /// <summary>Where it stands.</summary>
    public PeerConnectionState State { get; private set; }

    /// <summary>Why it failed; none while it has not.</summary>
    public PeerConnectionFailure Failure { get; private set; }

    /// <summary>The same as a sentence that is safe to show; null while it has not failed.</summary>
    public string? FailureReason { get; private set; }

    /// <summary>The path that data takes; null while there is none.</summary>
    public IceRoute? Route => _ice.Route;

    /// <summary>Nothing will ever come out of it again: the driver may let go of it.</summary>
    public bool IsDone => _endingStep == EndingStep.Done;

    /// <summary>The largest message that the peer takes; 0: any, or unknown yet.</summary>
    public long PeerMaxMessageBytes { get; private set; }

    /// <summary>Smoothed round trip; zero while unknown.</summary>
    public TimeSpan RoundTrip => _sctp?.RoundTrip ?? TimeSpan.Zero;

    /// <summary>Bytes given to channels that were not sent the first time yet.</summary>
    public long BufferedBytes => _sctp?.BufferedBytes ?? 0;

    /// <summary>Bytes of payload in the largest datagram that the path is known to carry; 0 before it is connected.</summary>
    public int DatagramBytes => _sctp is { } sctp ? sctp.PacketBytes + DtlsConnection.MaxOverhead + _ice.Overhead : 0;

    /// <summary>Packets' fragments that were sent again since the beginning.</summary>
    public long Retransmitted => _sctp?.Retransmitted ?? 0;

    /// <summary>Whether the peer was heard on some pair of addresses: a path is near, or there already.</summary>
    public bool HasHeard => _ice.HasHeard;

    /// <summary>Candidates, pairs with reasons, servers, and how the NAT behaves.</summary>
    public IceReport Report() => _ice.Report();

    /// <summary>A socket of ours.</summary>
    /// <param name="local">The address that it is bound to: that of one interface, not of all.</param>
    /// <param name="now">The time.</param>
    public void AddLocal(TransportAddress local, TimeSpan now)
    {
        _ice.AddLocal(local, now);
        Follow(now);
    }

    /// <summary>A socket of ours is gone, and with it what goes over it.</summary>
    public void RemoveLocal(TransportAddress local, TimeSpan now)
    {
        _ice.RemoveLocal(local, now);
        Follow(now);
    }

    /// <summary>A connection to a relay over TCP is being made: our candidates are not complete before <see cref="AddRelay"/> or <see cref="RefuseRelay"/>.</summary>
    public void ExpectRelay() => _ice.ExpectRelay();

    /// <summary>A connection to a relay stands. Messages for the relay have its local address; <see cref="RemoveLocal"/> ends it.</summary>
    /// <param name="server">The relay.</param>
    /// <param name="local">Our end of the connection.</param>
    /// <param name="now">The time.</param>
    public void AddRelay(TurnServer server, TransportAddress local, TimeSpan now)
    {
        _ice.AddRelay(server, local, now);
        Follow(now);
    }

    /// <summary>No connection to a relay came about.</summary>
    /// <param name="server">Which, for people.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The time.</param>
    public void RefuseRelay(string server, string reason, TimeSpan now)
    {
        _ice.RefuseRelay(server, reason, now);
        Follow(now);
    }

    /// <summary>Begins to ask servers; addresses that come later are asked from too.</summary>
    public void StartGathering(TimeSpan now)
    {
        _ice.StartGathering(now);
        Follow(now);
    }

    /// <summary>A candidate of the peer.</summary>
    public void AddRemoteCandidate(IceCandidate candidate, TimeSpan now)
    {
        _ice.AddRemoteCandidate(candidate, now);
        Follow(now);
    }

    /// <summary>The peer has no more candidates.</summary>
    public void EndOfRemoteCandidates(TimeSpan now)
    {
        _ice.EndOfRemoteCandidates(now);
        Follow(now);
    }

    /// <summary>Opens a channel, which can be used from <see cref="PeerConnectionEventKind.ChannelOpened"/> on.</summary>
    /// <exception cref="ParleyException">
    /// A description is missing, or it is over (<c>conflict</c>); there are too many channels (<c>rate_limited</c>); the options contradict each other (<c>invalid_argument</c>).
    /// </exception>
    public DataChannel OpenChannel(DataChannelOptions options, TimeSpan now)
    {
        if (_channels is null || _endingStep != EndingStep.None)
        {
            throw new ParleyException(ErrorCode.Conflict, "Data channels can be opened once both ends have described themselves, and before either closes.");
        }

        return _channels.Open(options, now);
    }

    /// <summary>Takes the next event; a message's bytes are valid until the next call. Whoever stops reading stops the peer's sending.</summary>
    public bool TryRead(TimeSpan now, out PeerConnectionEvent happened)
    {
        if (_told.TryDequeue(out happened))
        {
            return true;
        }

        while (_channels is not null && _channels.TryRead(now, out var source))
        {
            if (TryTranslate(in source, out happened))
            {
                return true;
            }
        }

        happened = _isFinalUntold ? new PeerConnectionEvent(PeerConnectionEventKind.StateChanged, State: State) : default;
        var isTold = _isFinalUntold;
        _isFinalUntold = false;
        return isTold;
    }

    private static bool TryTranslate(in DataChannelEvent source, out PeerConnectionEvent happened)
    {
        PeerConnectionEventKind? kind = source.Kind switch
        {
            DataChannelEventKind.Opened => PeerConnectionEventKind.ChannelOpened,
            DataChannelEventKind.PeerOpened => PeerConnectionEventKind.PeerOpenedChannel,
            DataChannelEventKind.Message => PeerConnectionEventKind.Message,
            DataChannelEventKind.Closing => PeerConnectionEventKind.ChannelClosing,
            DataChannelEventKind.Closed => PeerConnectionEventKind.ChannelClosed,
            DataChannelEventKind.Writable => PeerConnectionEventKind.Writable,

            // The end of all is the connection's own to tell.
            _ => null,
        };
        happened = new PeerConnectionEvent(kind ?? default, source.Channel, source.Payload, source.IsText);
        return kind is not null;
    }
}
