using System.Security.Cryptography;
using Parley.Crypto.Dtls;
using Parley.Protocol.Stun;
using Parley.WebRtc.Channels;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sdp;

namespace Parley.Testing.Network;

/// <summary>A WebRTC connection on a host of the virtual network, and the wire to its peer for descriptions and candidates.</summary>
public sealed class PeerHost : IDisposable
{
    private static readonly TimeSpan _signalDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _realPatience = TimeSpan.FromMilliseconds(1);

    private readonly VirtualInternet _internet;
    private readonly Dictionary<TransportAddress, VirtualSocket> _sockets = [];
    private readonly Queue<(DataChannel Channel, IEnumerator<byte[]> Messages)> _toSend = new();
    private readonly byte[] _room = new byte[ushort.MaxValue];
    private readonly DtlsCertificate _certificate;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private TimeSpan? _wakeAt;
    private byte[]? _waiting;

    /// <summary>A connection with sockets.</summary>
    public PeerHost(VirtualInternet internet, IceRole role, PeerConnectionOptions options, int seed, VirtualNat? nat, params string[] addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        _internet = internet;
        _certificate = DtlsCertificate.Make(TimeProvider.System);
        Connection = new PeerConnection(options with { HandshakeTimeout = TimeSpan.FromMilliseconds(20) }, role, _certificate, SeededRandom.Source(seed));
        foreach (var address in addresses)
        {
            Add(address, nat);
        }
    }

    /// <summary>The connection.</summary>
    public PeerConnection Connection { get; }

    /// <summary>What it told so far, messages aside, without their bytes.</summary>
    public List<PeerConnectionEvent> Seen { get; } = [];

    /// <summary>Messages that came, while <see cref="KeepsMessages"/>.</summary>
    public List<(DataChannel Channel, byte[] Payload, bool IsText)> Messages { get; } = [];

    /// <summary>Whether payloads are kept, or only counted and hashed.</summary>
    public bool KeepsMessages { get; set; } = true;

    /// <summary>Whether events are read.</summary>
    public bool IsReading { get; set; } = true;

    /// <summary>Bytes of messages that came.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Datagrams that were marked as probes.</summary>
    public int Probes { get; private set; }

    /// <summary>Largest datagram that was sent.</summary>
    public int LargestDatagram { get; private set; }

    /// <summary>Looks at each datagram of DTLS before it is taken; may change it.</summary>
    public Func<byte[], byte[]> Taking { get; set; } = bytes => bytes;

    /// <summary>Takes what is to be signalled.</summary>
    public Action<PeerConnectionEvent> Signal { get; set; } = _ => { };

    /// <summary>Changes a description on its way from here.</summary>
    public Func<string, string> Describing { get; set; } = text => text;

    /// <summary>SHA-256 over everything that came, in order.</summary>
    public byte[] Hash() => _hash.GetCurrentHash();

    /// <summary>Another interface.</summary>
    public VirtualSocket Add(string address, VirtualNat? nat = null)
    {
        var socket = _internet.Open(address, nat);
        _sockets.Add(socket.Address, socket);
        socket.Received = (from, bytes) => Do(connection => connection.Receive(Taking(bytes), socket.Address, from, _internet.Now));
        Do(connection => connection.AddLocal(socket.Address, _internet.Now));
        return socket;
    }

    /// <summary>The first offers to the second; both begin to gather.</summary>
    public static void Introduce(PeerHost one, PeerHost other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        one.Signal = happened => Pass(happened, one, other);
        other.Signal = happened => Pass(happened, other, one);
        Offer(one, other);
        one.Do(connection => connection.StartGathering(one._internet.Now));
        other.Do(connection => connection.StartGathering(one._internet.Now));
    }

    /// <summary>An offer goes over, and an answer comes back.</summary>
    public static void Offer(PeerHost one, PeerHost other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var internet = one._internet;
        var offer = one.Describing(one.Connection.CreateOffer().ToString());
        internet.At(internet.Now + _signalDelay, () =>
        {
            var answer = string.Empty;
            other.Do(connection => answer = other.Describing(connection.AcceptOffer(Read(offer), internet.Now).ToString()));
            internet.At(internet.Now + _signalDelay, () => one.Do(connection => connection.AcceptAnswer(Read(answer), internet.Now)));
        });
    }

    /// <summary>Sends messages, as fast as they are taken.</summary>
    public void Say(DataChannel channel, IEnumerable<byte[]> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        _toSend.Enqueue((channel, messages.GetEnumerator()));
        Do(_ => { });
    }

    /// <summary>Sends one message.</summary>
    public void Say(DataChannel channel, params byte[] message) => Say(channel, [message]);

    /// <summary>Everything given to <see cref="Say(DataChannel, IEnumerable{byte[]})"/> was taken.</summary>
    public bool HasSaidAll => _toSend.Count == 0;

    /// <summary>Calls the connection and takes what comes of it.</summary>
    public void Do(Action<PeerConnection> act)
    {
        ArgumentNullException.ThrowIfNull(act);
        act(Connection);
        Pump();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Connection.Dispose();
        _certificate.Dispose();
        _hash.Dispose();
    }

    private static SessionDescription Read(string text) =>
        SdpReader.TryRead(text, out var description, out var reason) ? description : throw new InvalidOperationException(reason);

    private static void Pass(PeerConnectionEvent happened, PeerHost from, PeerHost to)
    {
        var internet = from._internet;
        var arrival = internet.Now + _signalDelay;
        if (happened.Kind == PeerConnectionEventKind.LocalCandidate)
        {
            var line = happened.Candidate!.ToString();
            internet.At(arrival, () =>
            {
                if (IceCandidate.TryParse(line, out var candidate, out _))
                {
                    to.Do(connection => connection.AddRemoteCandidate(candidate, internet.Now));
                }
            });
        }
        else if (happened.Kind == PeerConnectionEventKind.GatheringDone)
        {
            internet.At(arrival, () => to.Do(connection => connection.EndOfRemoteCandidates(internet.Now)));
        }
    }

    private void Pump()
    {
        do
        {
            while (IsReading && Connection.TryRead(_internet.Now, out var happened))
            {
                Take(in happened);
            }

            Write();
        }
        while (PollAll());

        if (Connection.NextTimeout is { } due && (_wakeAt is null || due < _wakeAt))
        {
            _wakeAt = due;
            _internet.At(due, Wake);
        }
    }

    private bool PollAll()
    {
        var hasPolled = false;
        for (int length; (length = Connection.Poll(_room, out var local, out var remote, out var isProbe, _internet.Now)) > 0; hasPolled = true)
        {
            Probes += isProbe ? 1 : 0;
            LargestDatagram = Math.Max(LargestDatagram, length);
            if (_sockets.TryGetValue(local, out var socket))
            {
                socket.Send(remote, _room.AsSpan(0, length));
            }
        }

        return hasPolled;
    }

    private void Take(in PeerConnectionEvent happened)
    {
        if (happened.Kind != PeerConnectionEventKind.Message)
        {
            Seen.Add(happened);
            Signal(happened);
            return;
        }

        ReceivedBytes += happened.Payload.Length;
        _hash.AppendData(happened.Payload.Span);
        if (KeepsMessages)
        {
            Messages.Add((happened.Channel!, happened.Payload.ToArray(), happened.IsText));
        }
    }

    private void Write()
    {
        while (_toSend.TryPeek(out var next))
        {
            if (_waiting is null && !next.Messages.MoveNext())
            {
                next.Messages.Dispose();
                _toSend.Dequeue();
                continue;
            }

            _waiting ??= next.Messages.Current;
            if (next.Channel.Send(_waiting, isText: false, _internet.Now) == DataChannelSendResult.Full)
            {
                return;
            }

            _waiting = null;
        }
    }

    private void Wake()
    {
        _wakeAt = null;
        if (Connection.NextTimeout <= _internet.Now)
        {
            Connection.HandleTimeout(_internet.Now);

            // OpenSSL repeats a lost flight by the system's clock, 20 ms after it was sent; the virtual one waits for it, or minutes would pass there.
            if (Connection.State == PeerConnectionState.Connecting && Connection.Route is not null)
            {
                SpinWait.SpinUntil(() => false, _realPatience);
            }
        }

        Pump();
    }
}
