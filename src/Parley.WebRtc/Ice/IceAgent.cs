using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Parley.Protocol.Messaging;
using Parley.Protocol.Stun;

namespace Parley.WebRtc.Ice;

/// <summary>Finds a path to a peer (RFC 8445, trickled as in RFC 8838) and watches over it (RFC 7675), without I/O.</summary>
/// <remarks>
/// In go addresses of our sockets, what the peer signalled, datagrams with the two addresses that they bore, and the time as a span since any one origin.
/// Out come datagrams (<see cref="TryTakeDatagram"/>), events (<see cref="TryTakeEvent"/>) and the next deadline (<see cref="NextTimeout"/>); look for all three after every call.
/// <code>
/// New -> Checking -> Connected &lt;-> Disconnected -> Failed;  Checking -> Failed;  any -> Checking by Restart;  any -> Closed
/// </code>
/// One data stream with one component. The controlling side nominates one pair once it knows that none better is coming (regular nomination).
/// Not safe from several threads.
/// </remarks>
public sealed partial class IceAgent
{
    private const int MaxOutput = 1024;
    private const int MaxSkipped = 64;

    private readonly IceOptions _options;
    private readonly FillRandom _random;
    private readonly ulong _tieBreaker;
    private readonly Queue<IceDatagram> _output = new();
    private readonly Queue<IceEvent> _events = new();
    private readonly List<string> _skipped = [];
    private IceGeneration _current;
    private IceGeneration? _previous;
    private TimeSpan _now;
    private TimeSpan _paceAt;

    /// <summary>An agent that knows no address yet.</summary>
    /// <param name="options">What it may use.</param>
    /// <param name="role">Controlling for whoever makes the offer; a conflict is settled by itself.</param>
    /// <param name="random">Source of credentials and transaction ids.</param>
    public IceAgent(IceOptions options, IceRole role, FillRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _options = options;
        _random = random;
        Role = role;
        _current = new IceGeneration(IceCredentials.Make(random));
        Span<byte> tieBreaker = stackalloc byte[8];
        random(tieBreaker);
        _tieBreaker = BinaryPrimitives.ReadUInt64BigEndian(tieBreaker);
    }

    /// <summary>What the peer needs to sign its checks.</summary>
    public IceCredentials LocalCredentials => _current.Local;

    /// <summary>Who decides.</summary>
    public IceRole Role { get; private set; }

    /// <summary>How far it is.</summary>
    public IceState State { get; private set; }

    /// <summary>The path that data takes now; null while there is none.</summary>
    public IceRoute? Route { get; private set; }

    /// <summary>Bytes that <see cref="Wrap"/> adds to data: 0 on a direct path.</summary>
    public int Overhead => _selected is { Local.Relay: { } relay } pair ? relay.OverheadFor(pair.RemoteAddress) : 0;

    /// <summary>When <see cref="HandleTimeout"/> is due; null for never.</summary>
    public TimeSpan? NextTimeout
    {
        get
        {
            if (State == IceState.Closed)
            {
                return null;
            }

            var next = Earlier(Earlier(NextOfGathering(), NextOfChecks()), NextOfConsent());
            return FindWork().IsNone ? next : Earlier(next, _paceAt);
        }
    }

    /// <summary>Wraps data for our relay when the path goes through it; else copies it.</summary>
    /// <returns>Length of the datagram, which goes along <see cref="Route"/>; 0 when there is no path or no room.</returns>
    public int Wrap(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        if (_selected is null)
        {
            return 0;
        }

        if (_selected.Local.Relay is { } relay)
        {
            return relay.Wrap(_selected.RemoteAddress, data, destination);
        }

        return data.TryCopyTo(destination) ? data.Length : 0;
    }

    /// <summary>Takes a datagram that one of our sockets received.</summary>
    /// <param name="datagram">What.</param>
    /// <param name="local">The socket's address, as it was given to <see cref="AddLocal"/>.</param>
    /// <param name="remote">Who sent it, as the socket saw.</param>
    /// <param name="now">When.</param>
    /// <returns>The peer's data in it, if there is some and it came over a path that the peer has proved to be at.</returns>
    public IceReceived Receive(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, TimeSpan now)
    {
        _now = now;
        if (State == IceState.Closed)
        {
            return IceReceived.Taken;
        }

        // The way of nearly all datagrams once data flows.
        if (_selected is { Local.Relay: null } selected && selected.RemoteAddress == remote && selected.Local.Source == local && StunDemultiplexer.Classify(datagram) != StunFraming.Stun)
        {
            return new IceReceived(true, 0, datagram.Length);
        }

        if (FindRelay(local, remote) is { } relay && !IsProbeAnswer(datagram, local, remote))
        {
            var received = relay.Receive(datagram, now);
            Pump(relay);
            if (!received.HasData || FindLocal(relay) is not { } relayed)
            {
                return IceReceived.Taken;
            }

            return Take(datagram.Slice(received.Offset, received.Length), relayed, local, received.Peer) ? new IceReceived(true, received.Offset, received.Length) : IceReceived.Taken;
        }

        return Take(datagram, FindLocal(local), local, remote) ? new IceReceived(true, 0, datagram.Length) : IceReceived.Taken;
    }

    /// <summary>Does what is due.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        _now = now;
        if (State == IceState.Closed)
        {
            return;
        }

        GatherOn();
        RepeatChecks();
        WatchConsent();
        EvaluateNomination();
        if (now >= _paceAt)
        {
            Step();
        }

        EvaluateGathering();
        EvaluateFailure();
    }

    /// <summary>A datagram could not be sent: the pair with these addresses does not work.</summary>
    public void SendFailed(TransportAddress local, TransportAddress remote, string reason, TimeSpan now)
    {
        _now = now;
        foreach (var pair in _pairs)
        {
            if (pair.Local.Relay is null && pair.Local.Source == local && pair.RemoteAddress == remote && pair.IsLive)
            {
                pair.Fail(reason);
            }
        }

        EvaluateNomination();
    }

    /// <summary>Begins anew with other credentials: after a failure, or when addresses changed. Data keeps its path until a new one works.</summary>
    /// <remarks>The peer has to be told <see cref="LocalCredentials"/>, and to answer with new ones of its own; candidates are told again.</remarks>
    public void Restart(TimeSpan now)
    {
        _now = now;
        if (State == IceState.Closed)
        {
            return;
        }

        // The live path's, if there is one: restarts may follow each other before any of them came to a path.
        _previous = _selected?.Generation ?? _current;
        _current = new IceGeneration(IceCredentials.Make(_random));
        _pairs.Clear();
        _triggered.Clear();
        _remotes.Clear();
        _resolving.Clear();
        _skipped.Clear();
        _isRemoteDone = false;
        _firstValidAt = _checkingSince = _nominateAt = null;
        SetState(_selected is null ? IceState.New : IceState.Checking);
        _events.Enqueue(new IceEvent(IceEventKind.Restarted));
        GatherAgain();
    }

    /// <summary>Ends it and gives relayed addresses back.</summary>
    public void Close(TimeSpan now)
    {
        _now = now;
        foreach (var relay in _relays)
        {
            relay.Close(now);
            Pump(relay);
        }

        _pairs.Clear();
        _triggered.Clear();
        _probes.Clear();
        _selected = null;
        Route = null;
        SetState(IceState.Closed);
    }

    /// <summary>The next datagram to be sent.</summary>
    public bool TryTakeDatagram(out IceDatagram datagram) => _output.TryDequeue(out datagram);

    /// <summary>The next event.</summary>
    public bool TryTakeEvent([NotNullWhen(true)] out IceEvent? one) => _events.TryDequeue(out one);

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private void SetState(IceState state)
    {
        if (state != State)
        {
            State = state;
            _events.Enqueue(new IceEvent(IceEventKind.StateChanged, state));
        }
    }

    private void Emit(TransportAddress local, TransportAddress remote, byte[] bytes)
    {
        if (_output.Count < MaxOutput)
        {
            _output.Enqueue(new IceDatagram(local, remote, bytes));
        }
    }

    /// <summary>Sends from a candidate, through its relay if it is at one.</summary>
    private void Transmit(LocalCandidate local, TransportAddress remote, ReadOnlySpan<byte> bytes)
    {
        if (local.Relay is not { } relay)
        {
            Emit(local.Source, remote, bytes.ToArray());
            return;
        }

        var wrapped = new byte[bytes.Length + relay.OverheadFor(remote)];
        var length = relay.Wrap(remote, bytes, wrapped);
        if (length > 0)
        {
            Emit(local.Source, relay.Server.Address, wrapped[..length]);
        }
    }

    /// <summary>A STUN message or data that came over a candidate.</summary>
    /// <returns>It is the peer's data.</returns>
    private bool Take(ReadOnlySpan<byte> datagram, LocalCandidate? local, TransportAddress source, TransportAddress remote)
    {
        if (StunDemultiplexer.Classify(datagram) != StunFraming.Stun)
        {
            return local is not null && ((_selected is { } selected && selected.Local == local && selected.RemoteAddress == remote)
                || (FindPair(local, remote) is { } pair && (pair.IsHeard || pair.State == PairState.Succeeded)));
        }

        if (!StunMessage.TryParse(datagram, out var message) || message.Method != StunMethod.Binding)
        {
            return false;
        }

        switch (message.Class)
        {
            case StunClass.Request when local is not null:
                OnRequest(message, local, remote);
                break;
            case StunClass.Success or StunClass.Error when !OnProbeAnswer(message, source, remote) && local is not null:
                OnCheckAnswer(message, local, remote);
                break;
        }

        return false;
    }

    private void Skip(string what, string reason)
    {
        if (_skipped.Count < MaxSkipped)
        {
            _skipped.Add($"{what}: {reason}");
        }
    }
}
