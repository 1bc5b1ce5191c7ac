using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sdp;
using Parley.WebRtc.Udp;

namespace Parley.Client.Peering.Udp;

/// <summary>Looks for a path over UDP: ICE finds it, DTLS proves the certificates that the identity keys signed, one data channel carries the bytes.</summary>
/// <remarks>
/// The opener's offer travels with the path's offer, the answer and all candidates by path signals. Signals may be lost, so both ends say again, once a second, all that they have to say.
/// </remarks>
internal sealed class UdpPathOpener(PathContext context, UdpPathOptions options, IceServers servers, TimeProvider time, FillRandom random) : IPathOpener
{
    private const int FingerprintBytes = 32;
    private const int ReceiveBytes = 8 << 20;
    private const int SendBytes = 1 << 20;
    private const int MaxCandidates = 64;

    private static readonly TimeSpan _repeatEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _gatherPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _closeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(14);

    /// <summary>What waits for its reader, and what waits to be sent.</summary>
    internal static SctpOptions Buffers { get; } = new() { ReceiveBufferBytes = ReceiveBytes, SendBufferBytes = SendBytes };

    private readonly TriedWays _tried = new();
    private UdpPeer? _peer;
    private string _offer = string.Empty;
    private string _answer = string.Empty;
    private bool _isHandedOver;

    /// <inheritdoc/>
    public IReadOnlyList<string> Tried => [.. _tried.All, .. _peer is { } peer && !_isHandedOver ? UdpFindings.Explain(peer.Report()) : []];

    /// <inheritdoc/>
    public bool IsForged { get; private set; }

    /// <inheritdoc/>
    public bool IsPromising => _peer is { } peer && !_isHandedOver && peer.HasHeard;

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken)
    {
        if (context.Certificate is not UdpCertificate certificate || context.Remote.DtlsFingerprint.Length != FingerprintBytes)
        {
            return null;
        }

        var known = await servers.ResolveAsync(_tried.Add, cancellationToken);
        var connection = new PeerConnectionOptions
        {
            Ice = new IceOptions
            {
                StunServers = known.Stun,
                TurnServers = known.Turn,
                // Loopback addresses become candidates when both ends turn out to be on one machine.
                IsLoopbackAllowed = true,
                IsRelayOnly = options.IsRelayOnly,
                Patience = _patience,
                ConsentInterval = options.CheckEvery,
                DisconnectedAfter = options.GoneAfter / 2,
                ConsentTimeout = options.GoneAfter,
            },
            Sctp = Buffers,
            MaxDatagramBytes = options.MaxDatagramBytes,
            PeerFingerprint = context.Remote.DtlsFingerprint,
            CloseTimeout = _closeTimeout,
        };
        var driver = UdpDriver.Open(new UdpOptions { IsLoopbackAllowed = true, Ports = options.Ports }, time);
        _peer = new UdpPeer(driver, connection, context.IsOpener, certificate.Certificate, random);
        foreach (var (server, address) in known.Streams)
        {
            _peer.Connect(server, address, time);
        }

        _peer.Gather(isLoopback: false);
        _offer = context.IsOpener ? _peer.Offer() : string.Empty;
        return new UdpDescription { Machine = ByteString.CopyFrom(MachineMark.Of(context.Secrets)), Offer = _offer }.ToByteArray();
    }

    /// <inheritdoc/>
    public async Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken)
    {
        var peer = _peer!;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var talking = Task.CompletedTask;
        try
        {
            Meet(peer, UdpDescription.Parser.ParseFrom(remote.Span));
            talking = Task.WhenAll(SayAsync(peer, ending.Token), HearAsync(peer, ending.Token));
            await peer.Opened.WaitAsync(cancellationToken);
            _isHandedOver = true;
            var report = peer.Report();
            found(UdpFindings.PathOf(peer.Route(), report, new DataChannelStream(peer)));
            options.OnReport?.Invoke(report);
        }
        catch (Exception exception) when (exception is ParleyException or InvalidProtocolBufferException or OperationCanceledException)
        {
            IsForged |= exception is ParleyException { Code: ErrorCode.PeerProof };
            if (exception is ParleyException { Code: not ErrorCode.PeerUnreachable })
            {
                _tried.Add(PlainText.Of(exception.Message));
            }

            options.OnReport?.Invoke(peer.Report());
        }
        finally
        {
            await ending.CancelAsync();
            await talking;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_peer is not null && !_isHandedOver)
        {
            await _peer.DisposeAsync();
        }
    }

    private void Meet(UdpPeer peer, UdpDescription remote)
    {
        if (CryptographicOperations.FixedTimeEquals(remote.Machine.Span, MachineMark.Of(context.Secrets)))
        {
            peer.Gather(isLoopback: true);
        }

        if (!context.IsOpener)
        {
            _answer = peer.AcceptOffer(Read(remote.Offer));
        }
    }

    /// <summary>Says what there is to say: at once, when there is more, and again while there is no path.</summary>
    private async Task SayAsync(UdpPeer peer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var (candidates, isAll, more) = peer.Candidates();
                context.Signals.Send(new UdpSignal { Answer = _answer, Candidates = { candidates.Select(candidate => candidate.ToString()) }, IsAll = isAll }.ToByteArray());
                await Task.WhenAny(more, Task.Delay(_repeatEvery, time, cancellationToken));
                await Task.Delay(_gatherPause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // There is a path, or nobody wants one any more.
        }
    }

    private async Task HearAsync(UdpPeer peer, CancellationToken cancellationToken)
    {
        var isAnswered = !context.IsOpener;
        try
        {
            await foreach (var content in context.Signals.Received.ReadAllAsync(cancellationToken))
            {
                var signal = UdpSignal.Parser.ParseFrom(content.Span);
                if (!isAnswered && signal.Answer.Length > 0)
                {
                    peer.AcceptAnswer(Read(signal.Answer));
                    isAnswered = true;
                }

                if (isAnswered)
                {
                    peer.AddCandidates(signal.Candidates.Take(MaxCandidates).Select(Parse).OfType<IceCandidate>(), signal.IsAll);
                }
            }
        }
        catch (Exception exception) when (exception is ParleyException or InvalidProtocolBufferException)
        {
            // The other end proved itself and says something that cannot be used: an older or newer program.
            _tried.Add(PlainText.Of(exception.Message));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static SessionDescription Read(string text) =>
        SdpReader.TryRead(text, out var description, out _) ? description : throw new ParleyException(ErrorCode.ProtocolViolation, "the other end described itself in a way that is not understood here");

    private static IceCandidate? Parse(string line) => IceCandidate.TryParse(line, out var candidate, out _) ? candidate : null;
}
