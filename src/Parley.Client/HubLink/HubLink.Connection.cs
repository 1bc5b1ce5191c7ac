using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;

namespace Parley.Client.HubLink;

public sealed partial class HubLink
{
    private TimeSpan? _spread;
    private Heartbeat _heartbeat = new(TimeSpan.FromSeconds(30));

    /// <summary>Bytes that are appended and not on the wire yet, 0 while the link is down; for a progress bar.</summary>
    public long PendingBytes
    {
        get
        {
            lock (_gate)
            {
                return _outbox?.PendingBytes ?? 0;
            }
        }
    }

    /// <summary>Runs to the end, and says that it is over whatever it was that ended it: those who wait would never hear of it otherwise.</summary>
    private async Task RunAsync()
    {
        try
        {
            await DialAgainAndAgainAsync();
        }
        catch (Exception exception) when (exception is not ParleyException)
        {
            var reason = new ParleyException(ErrorCode.Internal, "The link to the hub failed.", exception);
            End(reason);
            throw reason;
        }
    }

    private async Task DialAgainAndAgainAsync()
    {
        var failures = 0;
        var hasStood = false;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var link = await DialAsync();
                await ServeAsync(link, () =>
                {
                    failures = 0;
                    hasStood = true;
                });
                _events.OnDisconnected("the hub closed the link");
            }
            catch (LinkEndedException ended)
            {
                End(ended.Reason);
                throw ended.Reason;
            }
            catch (ParleyException exception) when (!hasStood && (_options.FailsFast || IsFinal(exception.Code)))
            {
                End(exception);
                throw;
            }
            catch (ParleyException exception)
            {
                failures++;
                _events.OnDisconnected(exception.Message);
            }
            catch (Exception exception) when (LinkBreaks.Is(exception))
            {
                failures = hasStood ? failures : failures + 1;
                LogBroken(exception.GetType().Name);
                if (!_stopping.IsCancellationRequested)
                {
                    _events.OnDisconnected("the connection broke");
                }
            }

            await WaitAsync(failures);
        }

        End(new ParleyException(ErrorCode.Canceled, "The link was closed."));
    }

    /// <summary>Failures that no later dial would mend.</summary>
    private static bool IsFinal(ErrorCode code) =>
        code is ErrorCode.PinMismatch or ErrorCode.LinkProof or ErrorCode.ProtocolVersion or ErrorCode.AgentRevoked or ErrorCode.InvalidArgument;

    private async Task<DialedLink> DialAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await using var timer = _time.CreateTimer(_ => deadline.Cancel(), null, _options.ConnectTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await _dialer.DialAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            throw new ParleyException(ErrorCode.HubUnreachable, $"The hub at {_profile.Grpc.Authority} did not answer in time.");
        }
    }

    /// <summary>Shakes hands and reads until the link breaks.</summary>
    private async Task ServeAsync(DialedLink link, Action onOpen)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var outbox = new FrameOutbox(link.Transport, closing.Token);
        try
        {
            var welcome = await ShakeHandsAsync(link, outbox, closing.Token);
            onOpen();
            Open(outbox, welcome, link.Transport.Name);
            _lastHeard = _time.GetTimestamp();
            await using var pulse = _time.CreateTimer(_ => Beat(outbox, link.Transport), null, _heartbeat.Interval, _heartbeat.Interval);
            _events.OnConnected(welcome);
            await ReadAsync(link.Transport, outbox, closing.Token);
        }
        finally
        {
            Close(outbox);
            await closing.CancelAsync();
        }
    }

    private async Task<Welcome> ShakeHandsAsync(DialedLink link, FrameOutbox outbox, CancellationToken cancellationToken)
    {
        await using var timer = _time.CreateTimer(_ => link.Transport.Abort(), null, _options.ConnectTimeout, Timeout.InfiniteTimeSpan);
        var nonce = new byte[LinkProof.NonceSize];
        _random(nonce);
        outbox.Send(new Frame
        {
            Hello = new Hello
            {
                VersionMin = LinkVersions.Min,
                VersionMax = LinkVersions.Max,
                Agent = _profile.Agent.ToString(),
                Role = _options.Role,
                Nonce = ByteString.CopyFrom(nonce),
                Share = _options.IsShared,
                Software = _options.Software,
                Home = ByteString.CopyFrom(_home),
                Capabilities = { _options.Capabilities },
            },
        });

        var challenge = (await ReadFirstAsync(link.Transport, cancellationToken)).Challenge
            ?? throw new ParleyException(ErrorCode.ProtocolViolation, "The hub did not answer the hello with a challenge.");
        if (challenge.HubId != _profile.HubId)
        {
            throw new ParleyException(ErrorCode.PinMismatch, "Another hub than the one that this home joined answers at this address.");
        }

        LinkVersions.Choose(challenge.Version, challenge.Version);
        var signed = LinkProof.Build(
            link.HubKeyHash.Span, challenge.HubId, challenge.Nonce.Span, nonce, _profile.Agent, _options.Role, challenge.Version);
        outbox.Send(new Frame { Proof = new Proof { Signature = ByteString.CopyFrom(_identity.Sign(signed)) } });
        return (await ReadOneAsync(link.Transport, cancellationToken)).Welcome
            ?? throw new ParleyException(ErrorCode.ProtocolViolation, "The hub did not answer the proof with a welcome.");
    }

    private async Task<Frame> ReadFirstAsync(ILinkTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOneAsync(transport, cancellationToken);
        }
        catch (Exception exception) when (LinkBreaks.Is(exception) && !cancellationToken.IsCancellationRequested)
        {
            _dialer.OnUnanswered();
            throw;
        }
    }

    private void Open(FrameOutbox outbox, Welcome welcome, string transportName)
    {
        _heartbeat = new Heartbeat(TimeSpan.FromSeconds(Math.Clamp(welcome.HeartbeatSeconds, 1, 3600)));
        _spread = null;
        TaskCompletionSource<Welcome> connected;
        lock (_gate)
        {
            _generation++;
            if (_awaited.Count > 0)
            {
                outbox.Append(new Frame { Await = new Await { Ids = { _awaited } } });
            }

            foreach (var pending in _sends.Values)
            {
                // Only a first connection has sends that were never on a wire; marking them costs the hub one look-up.
                pending.Envelope.Resend |= _generation > 1;
                EnvelopeFrames.AppendSend(outbox, pending.Envelope);
            }

            _outbox = outbox;
            TransportName = transportName;
            connected = _connected;
        }

        connected.TrySetResult(welcome);
        outbox.Flush();
    }

    private void Close(FrameOutbox outbox)
    {
        outbox.Close();
        List<TaskCompletionSource<CallResult>> calls;
        List<TaskCompletionSource<RoomReply>> rooms;
        lock (_gate)
        {
            if (_outbox == outbox)
            {
                _outbox = null;
                TransportName = string.Empty;
                _connected = NewCompletion<Welcome>();
            }

            calls = [.. _calls.Values];
            rooms = [.. _roomCalls.Values];
        }

        foreach (var call in calls)
        {
            call.TrySetException(Broken());
        }

        foreach (var call in rooms)
        {
            call.TrySetException(Broken());
        }
    }

    private static ParleyException Broken() => new(ErrorCode.HubUnreachable, "The link to the hub broke before it answered.");

    private void End(ParleyException reason)
    {
        List<PendingSend> sends;
        lock (_gate)
        {
            _ended = reason;
            sends = [.. _sends.Values];
            _connected.TrySetException(reason);
            // Nobody may be waiting: then the reason is told by Completion alone.
            _ = _connected.Task.Exception;
        }

        foreach (var pending in sends)
        {
            pending.Completion?.TrySetException(reason);
        }
    }

    private async Task WaitAsync(int failures)
    {
        Span<byte> random = stackalloc byte[4];
        _random(random);
        var fraction = BitConverter.ToUInt32(random) / (double)uint.MaxValue;
        var wait = Backoff.Next(failures, _spread, _options.MaxBackoff, fraction);
        _spread = null;
        try
        {
            await Task.Delay(wait, _time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The link broke: {Reason}")]
    private partial void LogBroken(string reason);
}
