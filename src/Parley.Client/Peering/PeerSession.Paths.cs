using System.ComponentModel;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <content>Paths: offered, answered, tried, replaced.</content>
internal sealed partial class PeerSession
{
    /// <summary>Before the hub is asked for a circuit, when there may be a better way.</summary>
    private static readonly TimeSpan _headStart = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly Dictionary<uint, ReadOnlyMemory<byte>> _tickets = [];
    private readonly Dictionary<uint, ParleyException> _refusedCircuits = [];
    private PathTry? _running;
    private PathOffer? _offered;
    private PathAnswer? _answered;
    private PathStream? _path;
    private uint _pathAttempt;
    private uint _attempt;

    /// <inheritdoc/>
    public async Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(allowed.Count);
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            await DropPathAsync();

            // Who was away while there was a path may be back: it is asked before it counts as gone.
            Under(() => _offlineSince = null);
            CheckAlive();
            return IsOpener ? await OfferAsync(allowed, cancellationToken) : await AcceptOfferAsync(allowed, cancellationToken);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>The way into a circuit that an attempt waits for.</summary>
    public void TakeTicket(uint number, ReadOnlyMemory<byte> ticket)
    {
        lock (_gate)
        {
            _tickets[number] = ticket;
        }

        Wake();
    }

    /// <summary>The hub makes no circuit.</summary>
    public void TakeCircuitRefusal(uint number, ParleyException refusal)
    {
        lock (_gate)
        {
            _refusedCircuits[number] = refusal;
        }

        Wake();
    }

    private void TakeNote(PeerNote note)
    {
        switch (note.BodyCase)
        {
            case PeerNote.BodyOneofCase.PathOffer when !IsOpener:
                TakeOffer(note.PathOffer);
                break;
            case PeerNote.BodyOneofCase.PathAnswer when IsOpener:
                lock (_gate)
                {
                    _answered = note.PathAnswer;
                }

                break;
            case PeerNote.BodyOneofCase.PathSignal:
                TakePathSignal(note.PathSignal);
                break;
            case PeerNote.BodyOneofCase.PathWanted when IsOpener:
                BreakPath(note.PathWanted.After);
                break;
            case PeerNote.BodyOneofCase.Application:
                _heard.Writer.TryWrite(note.Application.Memory);
                break;
            case PeerNote.BodyOneofCase.Close:
                End(note.Close.Code.Length == 0
                    ? new ParleyException(ErrorCode.AgentOffline, $"{Remote} closed the session.")
                    : new ParleyException(ErrorMap.FromWireName(note.Close.Code), $"{Remote} refused the session: {PlainText.Of(note.Close.Message)}"));
                break;
            default:
                break;
        }
    }

    private void TakeOffer(PathOffer offer)
    {
        PathAnswer? again = null;
        lock (_gate)
        {
            if (_offered is { } known && offer.Attempt <= known.Attempt)
            {
                again = _answered is { } said && said.Attempt == offer.Attempt ? said : null;
            }
            else
            {
                _offered = offer;
                _running?.Superseded.Cancel();
            }
        }

        if (again is not null)
        {
            Say(new PeerNote { PathAnswer = again });
        }

        if (offer.Attempt > 0)
        {
            BreakPath(offer.Attempt - 1);
        }
    }

    private void TakePathSignal(PathSignal signal)
    {
        lock (_gate)
        {
            if (_running is { } running && running.Number == signal.Attempt && PathKindName.FromWire(signal.Kind) is { } kind && running.Signals.TryGetValue(kind, out var signals))
            {
                signals.Take(signal.Content.ToByteArray());
            }
        }
    }

    private async Task<PeerPath> OfferAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
    {
        await using var attempt = await PrepareAsync(++_attempt, allowed, cancellationToken);
        var offer = new PathOffer { Attempt = attempt.Number, Paths = { attempt.Descriptions } };
        var answer = await SayUntilAsync(() => Say(new PeerNote { PathOffer = offer }), () => Under(() => _answered?.Attempt == offer.Attempt ? _answered : null), cancellationToken);
        return await RunAsync(attempt, answer.Paths, cancellationToken);
    }

    private async Task<PeerPath> AcceptOfferAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
    {
        while (true)
        {
            var offer = await SayUntilAsync(
                () => Say(new PeerNote { PathWanted = new PathWanted { After = _attempt } }), () => Under(() => _offered?.Attempt > _attempt ? _offered : null), cancellationToken);
            _attempt = offer.Attempt;
            var kinds = offer.Paths.Select(path => PathKindName.FromWire(path.Kind)).OfType<PathKind>().Intersect(allowed).ToList();
            await using var attempt = await PrepareAsync(offer.Attempt, kinds, cancellationToken);
            var answer = new PathAnswer { Attempt = offer.Attempt, Paths = { attempt.Descriptions } };
            lock (_gate)
            {
                _answered = answer;
            }

            Say(new PeerNote { PathAnswer = answer });
            using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt.Superseded.Token, cancellationToken);
            try
            {
                return await RunAsync(attempt, offer.Paths, either.Token);
            }
            catch (OperationCanceledException) when (attempt.Superseded.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // The opener gave that attempt up and offers another.
            }
        }
    }

    private async Task<PathTry> PrepareAsync(uint number, IReadOnlyCollection<PathKind> kinds, CancellationToken cancellationToken)
    {
        var attempt = new PathTry(number);
        try
        {
            foreach (var maker in _parts.Makers.Where(maker => kinds.Contains(maker.Kind)))
            {
                var signals = SignalsOf(number, maker.Kind);
                var opener = maker.Make(ContextOf(number, signals) with { HeadStart = kinds.Count > 1 ? _headStart : TimeSpan.Zero });
                attempt.Openers.Add(maker.Kind, opener);
                if (await DescribeAsync(maker.Kind, opener, cancellationToken) is { } description)
                {
                    attempt.Signals.Add(maker.Kind, signals);
                    attempt.Descriptions.Add(new PathDescription { Kind = PathKindName.ToWire(maker.Kind), Description = ByteString.CopyFrom(description.Span) });
                }
            }

            lock (_gate)
            {
                _running = attempt;
                if (!IsOpener && _offered?.Attempt > number)
                {
                    attempt.Superseded.Cancel();
                }
            }

            return attempt;
        }
        catch
        {
            await attempt.DisposeAsync();
            throw;
        }
    }

    // A kind that the system has nothing left for does not spoil the others.
    private async ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(PathKind kind, IPathOpener opener, CancellationToken cancellationToken)
    {
        try
        {
            return await opener.DescribeAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            LogUnprepared(Id, kind, exception.Message);
            return null;
        }
    }

    private PathContext ContextOf(uint number, PathSignals signals) => new()
    {
        Attempt = number,
        IsOpener = IsOpener,
        Session = _parts.Id,
        Remote = _parts.Handshake.Remote,
        Secrets = _parts.Handshake.Secrets,
        Tls = _parts.Tls,
        Certificate = _parts.Certificate,
        TicketAsync = token => TicketAsync(number, token),
        Signals = signals,
    };

    private PathSignals SignalsOf(uint number, PathKind kind) => new(content => Say(new PeerNote
    {
        PathSignal = new PathSignal { Attempt = number, Kind = PathKindName.ToWire(kind), Content = ByteString.CopyFrom(content.Span) },
    }));

    private async Task<PeerPath> RunAsync(PathTry attempt, IEnumerable<PathDescription> remote, CancellationToken cancellationToken)
    {
        var ways = new List<(PathKind Kind, IPathOpener Opener, ReadOnlyMemory<byte> Remote)>();
        foreach (var path in remote)
        {
            if (PathKindName.FromWire(path.Kind) is { } kind && attempt.Signals.ContainsKey(kind) && !ways.Exists(way => way.Kind == kind))
            {
                ways.Add((kind, attempt.Openers[kind], path.Description.Memory));
            }
        }

        if (ways.Count == 0)
        {
            throw new ParleyException(ErrorCode.PeerUnreachable, "The two ends allow no kind of path in common.");
        }

        var (chosen, stream, reason) = await new PathAttempt(attempt.Number, IsOpener, ways, _parts.Time).RunAsync(_parts.Options.PathTimeout, cancellationToken);
        var opened = new PathStream(stream);
        lock (_gate)
        {
            _path = opened;
            _pathAttempt = attempt.Number;
        }

        return new PeerPath(opened, chosen, reason);
    }

    private async Task<ReadOnlyMemory<byte>> TicketAsync(uint number, CancellationToken cancellationToken)
    {
        // Once: two requests of one number would make two circuits, with one end in each.
        if (IsOpener)
        {
            _parts.Request(new CircuitRequest { Session = ByteString.CopyFrom(_parts.Id), Number = number, To = Remote.ToString(), ToEnd = ByteString.CopyFrom(RemoteEnd) });
        }

        return await SayUntilAsync(
            static () => false,
            () => Under(() => _refusedCircuits.Remove(number, out var refusal) ? throw refusal : _tickets.Remove(number, out var ticket) ? ticket.ToArray() : null),
            cancellationToken);
    }

    private T Under<T>(Func<T> look)
    {
        lock (_gate)
        {
            return look();
        }
    }

    /// <summary>Closes the path under its user, when it is not newer than an attempt that the other end knows to be over.</summary>
    private void BreakPath(uint attempt)
    {
        var broken = Under(() => _path is { IsClosed: false } && _pathAttempt <= attempt ? _path : null);
        _ = broken?.DisposeAsync().AsTask();
    }

    private async ValueTask DropPathAsync()
    {
        PathStream? path;
        lock (_gate)
        {
            path = _path;
            _path = null;
            _tickets.Clear();
            _refusedCircuits.Clear();
        }

        if (path is not null)
        {
            await path.DisposeAsync();
        }
    }
    [LoggerMessage(Level = LogLevel.Information, Message = "Session {Session} cannot try {Kind}: {Reason}")]
    private partial void LogUnprepared(string session, PathKind kind, string reason);
}
