using System.Diagnostics.CodeAnalysis;
using Parley.Protocol.Messaging;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Turn;

/// <summary>One allocation at a relay, without I/O (RFC 8656): an address there, who may send to it, and how data is wrapped on the way.</summary>
/// <remarks>
/// New -> Allocating -> Allocated -> Closed; Failed from Allocating and Allocated. The first request carries no credentials: the server's 401 names realm and nonce;
/// 438 names another nonce. Permissions (5 minutes) and channels (10 minutes) are renewed while the allocation lives, the allocation at half of its lifetime.
/// </remarks>
public sealed partial class TurnClient
{
    /// <summary>Peers that one allocation lets in at most.</summary>
    public const int MaxPeers = 64;

    private const int MaxChallenges = 3;
    private const int Udp = 17;

    private static readonly TimeSpan _permissionRenewal = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan _defaultLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _retryRefused = TimeSpan.FromSeconds(30);

    private readonly FillRandom _random;
    private readonly Queue<byte[]> _output = new();
    private readonly Dictionary<TransportAddress, TurnPeer> _peers = [];
    private readonly TurnPeer?[] _channels = new TurnPeer?[MaxPeers];
    private readonly List<TurnRequest> _requests = [];
    private TimeSpan _now;
    private TimeSpan? _refreshAt;
    private byte[]? _key;
    private string _realm = string.Empty;
    private byte[] _nonce = [];

    /// <summary>An allocation that is not asked for yet.</summary>
    /// <param name="server">The relay.</param>
    /// <param name="local">The address of ours that datagrams leave from.</param>
    /// <param name="random">Source of transaction ids.</param>
    public TurnClient(TurnServer server, TransportAddress local, FillRandom random)
    {
        ArgumentNullException.ThrowIfNull(server);
        Server = server;
        Local = local;
        _random = random;
    }

    /// <summary>The relay.</summary>
    public TurnServer Server { get; }

    /// <summary>The address of ours that datagrams leave from.</summary>
    public TransportAddress Local { get; }

    /// <summary>How far it is.</summary>
    public TurnState State { get; private set; }

    /// <summary>Our address at the relay, once allocated.</summary>
    public TransportAddress Relayed { get; private set; }

    /// <summary>Our address as the relay sees it, once allocated.</summary>
    public TransportAddress Mapped { get; private set; }

    /// <summary>Why it failed, for people; null when it did not.</summary>
    public string? Failure { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is due; null for never.</summary>
    public TimeSpan? NextTimeout
    {
        get
        {
            var next = _refreshAt;
            foreach (var request in _requests)
            {
                next = Earlier(next, request.Retry.NextAt);
            }

            foreach (var peer in _peers.Values)
            {
                next = Earlier(next, peer.RefreshAt);
            }

            return next;
        }
    }

    /// <summary>Asks for an address.</summary>
    public void Start(TimeSpan now)
    {
        _now = now;
        if (State != TurnState.New)
        {
            return;
        }

        State = TurnState.Allocating;
        Ask(new TurnRequest(StunMethod.Allocate, default, 0));
    }

    /// <summary>Lets a peer send to us, and prepares sending to it. Asking again costs nothing.</summary>
    /// <param name="peer">Its address.</param>
    /// <param name="withChannel">A channel is bound too, which makes headers short; for the peer that data goes to.</param>
    /// <param name="now">The time.</param>
    public void Permit(TransportAddress peer, bool withChannel, TimeSpan now)
    {
        _now = now;
        if (State != TurnState.Allocated)
        {
            return;
        }

        if (!_peers.TryGetValue(peer, out var known))
        {
            if (_peers.Count >= MaxPeers)
            {
                return;
            }

            known = new TurnPeer(peer, ChannelData.MinChannel + _peers.Count) { WantsChannel = withChannel };
            _channels[_peers.Count] = known;
            _peers.Add(peer, known);
            Renew(known);
        }
        else if (withChannel && !known.WantsChannel)
        {
            known.WantsChannel = true;
            Renew(known);
        }
    }

    /// <summary>The relay lets this peer in.</summary>
    public bool IsPermitted(TransportAddress peer) => _peers.TryGetValue(peer, out var known) && known.IsPermitted;

    /// <summary>What the relay said when it refused a peer; null when it did not.</summary>
    public string? RefusalOf(TransportAddress peer) => _peers.TryGetValue(peer, out var known) ? known.Refusal : null;

    /// <summary>Bytes that <see cref="Wrap"/> adds for a peer: 4 when its channel is bound, else up to 39, for IPv6 51.</summary>
    public int OverheadFor(TransportAddress peer) =>
        _peers.TryGetValue(peer, out var known) && known.IsBound ? ChannelData.HeaderSize : StunMessage.HeaderSize + 8 + peer.AddressSize + 4 + 3;

    /// <summary>Wraps data for a peer; what comes out goes to the relay.</summary>
    /// <returns>Length of the datagram; 0 when the peer is not let in or there is no room.</returns>
    public int Wrap(TransportAddress peer, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        if (State != TurnState.Allocated || data.Length > ushort.MaxValue || !_peers.TryGetValue(peer, out var known) || destination.Length < data.Length + OverheadFor(peer))
        {
            return 0;
        }

        if (known.IsBound)
        {
            ChannelData.WriteHeader(destination, known.Channel, data.Length);
            data.CopyTo(destination[ChannelData.HeaderSize..]);
            return ChannelData.HeaderSize + data.Length;
        }

        var writer = new StunWriter(destination, StunClass.Indication, StunMethod.Send, StunTransactionId.Make(_random));
        writer.Add(StunAttribute.XorPeerAddress, peer);
        writer.Add(StunAttribute.Data, data);
        return writer.Length;
    }

    /// <summary>Takes a datagram that came from the relay's address.</summary>
    public TurnReceived Receive(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        _now = now;
        if (ChannelData.TryParse(datagram, out var channel, out var data))
        {
            return channel - ChannelData.MinChannel < MaxPeers && _channels[channel - ChannelData.MinChannel] is { WantsChannel: true } peer
                ? new TurnReceived(true, peer.Address, ChannelData.HeaderSize, data.Length)
                : TurnReceived.Own;
        }

        if (!StunMessage.TryParse(datagram, out var message))
        {
            return TurnReceived.Own;
        }

        if (message.Class == StunClass.Indication && message.Method == StunMethod.Data)
        {
            // Indications are never signed: whoever forges the relay's address could send one, so what is inside must prove itself, as ICE's checks and DTLS do.
            return message.TryGetAddress(StunAttribute.XorPeerAddress, out var from) && message.TryGet(StunAttribute.Data, out var inner) && datagram.Overlaps(inner, out var offset)
                ? new TurnReceived(true, from, offset, inner.Length)
                : TurnReceived.Own;
        }

        if (message.Class is StunClass.Success or StunClass.Error)
        {
            OnAnswer(message);
        }

        return TurnReceived.Own;
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        _now = now;
        for (var index = _requests.Count - 1; index >= 0 && index < _requests.Count; index--)
        {
            var request = _requests[index];
            if (request.Retry.IsSpent(now))
            {
                _requests.RemoveAt(index);
                Refused(request, "the relay does not answer");
            }
            else if (request.Retry.IsDue(now) && Server.Transport != TurnTransport.Udp)
            {
                // A stream loses nothing: what was said is waited for and not said again.
                request.Retry.Sent(now, StunRetry.FirstWait);
            }
            else if (request.Retry.IsDue(now))
            {
                Send(request);
            }
        }

        if (State != TurnState.Allocated)
        {
            return;
        }

        if (_refreshAt <= now)
        {
            _refreshAt = null;
            Ask(new TurnRequest(StunMethod.Refresh, default, 0));
        }

        foreach (var peer in _peers.Values)
        {
            if (peer.RefreshAt <= now)
            {
                Renew(peer);
            }
        }
    }

    /// <summary>Gives the address back: one datagram that nobody waits for.</summary>
    public void Close(TimeSpan now)
    {
        _now = now;
        if (State == TurnState.Allocated)
        {
            Send(new TurnRequest(StunMethod.Refresh, default, 0) { IsClosing = true, Transaction = StunTransactionId.Make(_random) });
        }

        End(TurnState.Closed);
    }

    /// <summary>The next datagram for the relay.</summary>
    public bool TryTakeDatagram([NotNullWhen(true)] out byte[]? datagram) => _output.TryDequeue(out datagram);

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private void End(TurnState state)
    {
        State = state;
        _requests.Clear();
        _peers.Clear();
        Array.Clear(_channels);
        _refreshAt = null;
    }
}
