using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.HubLink;
using Parley.Client.Peering.Handshakes;
using Parley.Client.Peering.Paths;
using Parley.Client.Peering.Pins;
using Parley.Client.Peering.Probes;
using Parley.Client.Peering.Udp;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>Sessions of a home's agent with others, over a link to its hub that is opened for them and comes back by itself.</summary>
/// <remarks>Signals are taken off the link's reader by a queue and handled one after another.</remarks>
public sealed partial class AgentPeering : IPeering, ISignalSink, IAsyncDisposable
{
    private const int MaxQueued = 1024;

    private readonly ConcurrentDictionary<string, PeerSession> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Opening> _openings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Accepting> _accepting = new(StringComparer.Ordinal);
    private readonly Dictionary<PeerPurpose, Channel<IPeerSession>> _accepted;
    private readonly Channel<Frame> _queue = Channel.CreateBounded<Frame>(new BoundedChannelOptions(MaxQueued) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly HomeFolder _home;
    private readonly HomeIdentity _identity;
    private readonly HubLink.HubLink _link;
    private readonly PeeringOptions _options;
    private readonly IReadOnlyList<IPathMaker> _makers;
    private readonly TimeProvider _time;
    private readonly FillRandom _random;
    private readonly ILogger _logger;
    private HubProfile _profile;
    private IceServer? _hubStun;
    private ParleyException? _ended;
    private Task _running = Task.CompletedTask;
    private long? _goneSaid;
    private int _isDisposed;

    private AgentPeering(HomeFolder home, PeeringOptions options, TimeProvider time, FillRandom random, ILoggerFactory loggers)
    {
        (_home, _options, _time, _random) = (home, options, time, random);
        _logger = loggers.CreateLogger("Parley.Peering");
        _profile = HubProfile.Load(home);
        _identity = HomeIdentity.Load(home);
        Known = new KnownAgents(home, time);
        IEnumerable<PeerPurpose> accepts = options.Accepts.Count == 0 ? [] : options.Accepts.Append(PeerPurpose.Probe).Distinct();
        _accepted = accepts.ToDictionary(purpose => purpose, _ => Channel.CreateBounded<IPeerSession>(options.MaxSessions));
        _makers = [new TcpPathMaker(options.Tcp, time), new UdpPathMaker(options.Udp, () => _hubStun, time, random), new RelayPathMaker(() => _profile, time)];
        var link = new HubLinkOptions
        {
            Role = options.Role,
            FailsFast = options.FailsFast,
            Software = options.Software,
            Capabilities = [.. _accepted.Keys.Select(purpose => PeerCapabilities.WordOf(PeerPurposeName.ToWire(purpose))).OfType<string>()],
        };
        _link = new HubLink.HubLink(link, new AutoLinkDialer(_profile, time), _profile, _identity, new LinkWatch(this), time, random, loggers.CreateLogger("Parley.Link")) { Signals = this };
    }

    /// <summary>The agents that this home knows.</summary>
    public KnownAgents Known { get; }

    /// <summary>The link, for calls of the hub's operations.</summary>
    public HubLink.HubLink Link => _link;

    /// <summary>The hub's STUN server, on the host that the link was dialled at; null when it announced none.</summary>
    public IceServer? HubStun => _hubStun;

    /// <summary>Which hub, and as whom.</summary>
    public HubProfile Profile => _profile;

    /// <summary>Opens the home, links it to its hub, and takes what other agents open from then on.</summary>
    /// <param name="home">Whose.</param>
    /// <param name="options">What for.</param>
    /// <param name="time">Clock.</param>
    /// <param name="random">Randomness for ids and nonces.</param>
    /// <param name="loggers">Lifecycle, never content.</param>
    /// <param name="cancellationToken">Ends the wait for the link.</param>
    /// <exception cref="ParleyException">The home has joined no hub, the hub cannot be reached, or it carries no signals.</exception>
    public static async Task<AgentPeering> AttachAsync(
        HomeFolder home, PeeringOptions options, TimeProvider time, FillRandom random, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var peering = new AgentPeering(home, options, time, random, loggers);
        try
        {
            peering._running = Task.Run(peering.RunAsync, CancellationToken.None);
            peering._link.Start();
            _ = peering.WatchAsync();
            if (options.Accepts.Count > 0 && !options.Accepts.Contains(PeerPurpose.Probe))
            {
                _ = peering.AnswerProbesAsync();
            }

            var welcome = await peering._link.WaitConnectedAsync(cancellationToken);
            return welcome.Capabilities.Contains(LinkCapabilities.Signals)
                ? peering
                : throw new ParleyException(ErrorCode.Unsupported, "This hub carries no signals between agents: it is older than this program.");
        }
        catch
        {
            await peering.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<IPeerSession> AcceptAsync(PeerPurpose purpose, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!_accepted.TryGetValue(purpose, out var accepted))
        {
            throw new ArgumentException("The purpose is not among those that the peering accepts.", nameof(purpose));
        }

        await foreach (var session in accepted.Reader.ReadAllAsync(cancellationToken))
        {
            yield return session;
        }
    }

    /// <inheritdoc/>
    public void OnSignal(Frame frame) => _queue.Writer.TryWrite(frame);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }

        await _link.DisposeAsync();
        await _stopping.CancelAsync();
        _queue.Writer.TryComplete();
        await _running;
        foreach (var accepting in _accepting.Values)
        {
            accepting.Parts.Dispose();
        }

        End(new ParleyException(ErrorCode.Canceled, "The peering was closed."));
        _identity.Dispose();
        _stopping.Dispose();
    }

    private static string KeyOf(ByteString session) => KeyOf(session.Span);

    private static string KeyOf(ReadOnlySpan<byte> session) => Convert.ToHexString(session);

    private async Task WatchAsync()
    {
        try
        {
            await _link.Completion;
        }
        catch (ParleyException reason)
        {
            End(reason);
        }
    }

    private async Task AnswerProbesAsync()
    {
        try
        {
            await new ProbeAnswerer(this).RunAsync(_stopping.Token);
        }
        catch (ParleyException)
        {
            // The peering ended; whoever accepts something hears why.
        }
    }

    private async Task RunAsync()
    {
        await foreach (var frame in _queue.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await HandleAsync(frame);
            }
            catch (ParleyException refusal)
            {
                LogRefused(refusal.Row.WireName);
            }
            catch (InvalidProtocolBufferException)
            {
                LogRefused("protocol.violation");
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(exception);
            }
        }
    }

    private async Task HandleAsync(Frame frame)
    {
        switch (frame.BodyCase)
        {
            case Frame.BodyOneofCase.Signal:
                await TakeSignalAsync(frame.Signal);
                break;
            case Frame.BodyOneofCase.SignalRefusal:
                TakeRefusal(frame.SignalRefusal);
                break;
            case Frame.BodyOneofCase.CircuitTicket:
                if (_sessions.TryGetValue(KeyOf(frame.CircuitTicket.Session), out var session) && session.Remote.ToString() == frame.CircuitTicket.From)
                {
                    session.TakeTicket(frame.CircuitTicket.Number, frame.CircuitTicket.Ticket.ToByteArray());
                }

                break;
            default:
                break;
        }
    }

    private async Task TakeSignalAsync(Signal signal)
    {
        if (signal.Session.Length != SessionProof.SessionSize || !AgentAddress.TryParse(signal.From, out var from))
        {
            return;
        }

        var key = KeyOf(signal.Session);
        var content = PeerSignal.Parser.ParseFrom(signal.Payload);
        if (_sessions.TryGetValue(key, out var session))
        {
            if (session.Remote == from && session.RemoteEnd.AsSpan().SequenceEqual(signal.FromEnd.Span))
            {
                session.Take(content);
            }
        }
        else if (content.BodyCase == PeerSignal.BodyOneofCase.Answer && _openings.TryGetValue(key, out var opening))
        {
            opening.Answer.TrySetResult((content.Answer, from, signal.FromEnd.ToByteArray()));
        }
        else if (content.BodyCase == PeerSignal.BodyOneofCase.Offer)
        {
            TakeOffer(signal, content.Offer, from);
        }
        else if (_accepting.TryGetValue(key, out var accepting))
        {
            if (accepting.IsFrom(from, signal.FromEnd))
            {
                await TakeConfirmAsync(key, accepting, content);
            }
        }
        else if (content.BodyCase == PeerSignal.BodyOneofCase.Sealed && !_openings.ContainsKey(key))
        {
            SayGone(signal);
        }
    }

    // Whoever still has the session asks again every second: a word now and then is enough, and strangers cannot use up the signals of this agent.
    private void SayGone(Signal signal)
    {
        if (_goneSaid is { } last && _time.GetElapsedTime(last) < _options.RepeatEvery / 2)
        {
            return;
        }

        _goneSaid = _time.GetTimestamp();
        _link.Send(new Signal
        {
            Session = signal.Session,
            To = signal.From,
            ToEnd = signal.FromEnd,
            Purpose = signal.Purpose,
            Payload = new PeerSignal { Gone = new PeerGone() }.ToByteString(),
        });
    }

    private void TakeRefusal(SignalRefusal refusal)
    {
        var reason = new ParleyException(ErrorMap.FromWireName(refusal.Code), PlainText.Of(refusal.Message));
        var key = KeyOf(refusal.Session);
        if (_sessions.TryGetValue(key, out var session))
        {
            if (refusal.Circuit > 0)
            {
                session.TakeCircuitRefusal(refusal.Circuit, reason);
            }
            else
            {
                session.TakeRefusal(reason);
            }
        }
        else if (_openings.TryGetValue(key, out var opening) && reason.Code is not (ErrorCode.AgentOffline or ErrorCode.RateLimited or ErrorCode.Unavailable))
        {
            opening.Answer.TrySetException(reason);
        }
    }

    private SessionParts MakeParts(byte[] id, PeerPurpose purpose, Func<HandshakeSelf, Handshake> begin)
    {
        var tls = SessionTls.Make(_time);
        var certificate = !_options.DtlsFingerprint.IsEmpty ? null : _makers.Select(maker => maker.MakeCertificate()).FirstOrDefault(made => made is not null);
        try
        {
            var self = new HandshakeSelf(
                _profile.HubId, _profile.Agent, _identity.PublicKey.ToArray(), data => _identity.Sign(data), X25519Key.Generate(), tls.Fingerprint, DtlsFingerprintOf(certificate));
            return new SessionParts
            {
                Id = id,
                Purpose = purpose,
                Self = self,
                Handshake = begin(self),
                Tls = tls,
                Certificate = certificate,
                Makers = _makers,
                Options = _options,
                Send = _link.Send,
                Request = _link.Send,
                Leave = session => _sessions.TryRemove(new KeyValuePair<string, PeerSession>(KeyOf(session.Key.Span), session)),
                Time = _time,
                Logger = _logger,
            };
        }
        catch
        {
            tls.Dispose();
            certificate?.Dispose();
            throw;
        }
    }

    private ReadOnlyMemory<byte> DtlsFingerprintOf(ISessionCertificate? certificate) => _options.DtlsFingerprint.IsEmpty ? certificate?.Fingerprint ?? default : _options.DtlsFingerprint;

    private void End(ParleyException reason)
    {
        _ended ??= reason;
        foreach (var session in _sessions.Values)
        {
            session.End(reason);
        }

        foreach (var opening in _openings.Values)
        {
            opening.Answer.TrySetException(reason);
        }

        foreach (var accepted in _accepted.Values)
        {
            accepted.Writer.TryComplete(reason.Code == ErrorCode.Canceled ? null : reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A signal was refused: {Code}")]
    private partial void LogRefused(string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "A signal could not be handled")]
    private partial void LogFailed(Exception exception);
}
