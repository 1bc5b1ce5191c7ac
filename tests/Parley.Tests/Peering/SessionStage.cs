using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Peering;
using Parley.Client.Peering.Handshakes;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Peering;

/// <summary>Two proved ends of a session, on a clock that stands still, with a hub in between that carries what a test lets it carry.</summary>
internal sealed class SessionStage : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, (Stream Opener, Stream Acceptor)> _paths = [];
    private readonly List<Signal> _said = [];

    public SessionStage(PeerPurpose purpose = PeerPurpose.Transfer, IPathMaker? other = null)
    {
        var (alice, bob) = (Self(HandshakeStage.AliceSelf(), 7), Self(HandshakeStage.BobSelf(), 8));
        var wire = PeerPurposeName.ToWire(purpose);
        var opener = Handshake.Open(alice, wire, HandshakeStage.Session);
        var acceptor = Handshake.Accept(bob, wire, HandshakeStage.Session, opener.Offer!, HandshakeStage.Alice);
        opener.TakeAnswer(acceptor.Answer!, HandshakeStage.Bob);
        acceptor.TakeConfirm(opener.Confirmation!);
        Opener = new PeerSession(PartsOf(alice, opener, purpose, other, signal => Carry(signal, Acceptor!)), [1], PeerTrust.Pinned);
        Acceptor = new PeerSession(PartsOf(bob, acceptor, purpose, other, signal => Carry(signal, Opener)), [2], PeerTrust.Pinned);
    }

    public FakeTimeProvider Time { get; } = new();

    public PeeringOptions Options { get; } = new();

    public PeerSession Opener { get; }

    public PeerSession Acceptor { get; }

    /// <summary>Whether the hub carries signals; else they are lost.</summary>
    public bool IsCarrying { get; set; } = true;

    /// <summary>Whether both links stand; else nothing is even said.</summary>
    public bool IsLinked { get; set; } = true;

    /// <summary>What either end said to the hub, as bytes.</summary>
    public IReadOnlyList<byte[]> Said
    {
        get
        {
            lock (_gate)
            {
                return [.. _said.Select(static signal => signal.Payload.ToByteArray())];
            }
        }
    }

    /// <summary>The hub's word that nobody is at the other end now.</summary>
    public static ParleyException Offline() => new(ErrorCode.AgentOffline, "Nobody is there.");

    /// <summary>Both ends open a path.</summary>
    public async Task<(PeerPath Opener, PeerPath Acceptor)> ConnectAsync(CancellationToken cancellationToken)
    {
        var both = await Task.WhenAll(Opener.ConnectAsync([PathKind.DirectTcp, PathKind.DirectUdp], cancellationToken), Acceptor.ConnectAsync([PathKind.DirectTcp, PathKind.DirectUdp], cancellationToken)).WaitAsync(Deadline.Shared, cancellationToken);
        return (both[0], both[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await Opener.DisposeAsync();
        await Acceptor.DisposeAsync();
    }

    private static HandshakeSelf Self(HandshakeSelf self, byte dtls) =>
        new(self.HubId, self.Address, self.Identity, self.Sign, self.Fresh, self.TlsFingerprint, HandshakeStage.Bytes(32, dtls));

    private SessionParts PartsOf(HandshakeSelf self, Handshake handshake, PeerPurpose purpose, IPathMaker? other, Action<Signal> send) => new()
    {
        Id = HandshakeStage.Session,
        Purpose = purpose,
        Self = self,
        Handshake = handshake,
        Tls = SessionTls.Make(TimeProvider.System),
        Certificate = null,
        Makers = other is null ? [new MemoryMaker(this)] : [new MemoryMaker(this), other],
        Options = Options,
        Send = signal =>
        {
            send(signal);
            return IsLinked;
        },
        Request = static _ => { },
        Leave = static _ => { },
        Time = Time,
        Logger = NullLogger.Instance,
    };

    private void Carry(Signal signal, PeerSession to)
    {
        lock (_gate)
        {
            _said.Add(signal);
        }

        if (IsCarrying && IsLinked)
        {
            to.Take(PeerSignal.Parser.ParseFrom(signal.Payload));
        }
    }

    private Stream EndOf(uint attempt, bool isOpener)
    {
        lock (_gate)
        {
            var path = _paths.TryGetValue(attempt, out var known) ? known : _paths[attempt] = CuttableStream.Pair(long.MaxValue);
            return isOpener ? path.Opener : path.Acceptor;
        }
    }

    /// <summary>A way in memory that is there at once.</summary>
    private sealed class MemoryMaker(SessionStage stage) : IPathMaker
    {
        public PathKind Kind => PathKind.DirectTcp;

        public IPathOpener Make(PathContext context) => new Opening(stage, context);

        private sealed class Opening(SessionStage stage, PathContext context) : IPathOpener
        {
            public IReadOnlyList<string> Tried => [];

            public bool IsForged => false;

            public ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(new byte[] { 1 });

            public async Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken)
            {
                await Task.Yield();
                found(new FoundPath(stage.EndOf(context.Attempt, context.IsOpener), "in memory"));
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
