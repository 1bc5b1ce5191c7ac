using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Parley.Client.Peering.Handshakes;
using Parley.Client.Peering.Pins;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>One end of a session of two proved agents: seals what is said, and opens one path after another.</summary>
/// <remarks>
/// Signals are said again until they are answered, since a link may break under them. The opener numbers attempts and offers; the acceptor serves the newest offer.
/// <code>
///   opener                             acceptor
///          &lt;- wanted(after) -----------  its path broke, or it asks for the first one
///          -- offer(attempt, ways) ---&gt;  an older attempt, and an older path, end
///          &lt;- answer(attempt, ways) ---
///          &lt;= both try =&gt;
/// </code>
/// Signals come from one thread; the rest may be called from any.
/// </remarks>
internal sealed partial class PeerSession : IPeerSession
{
    private readonly Lock _gate = new();
    private readonly SessionParts _parts;
    private readonly SignalSeal _sealing;
    private readonly SignalSeal _opening;
    private readonly Lazy<string> _phrase;
    private readonly ILogger _logger;
    private TaskCompletionSource _news = NewNews();
    private ParleyException? _ended;
    private long? _offlineSince;
    private bool _isDisposed;

    /// <summary>A session that was just proved.</summary>
    /// <param name="parts">What it is made of; owned.</param>
    /// <param name="remoteEnd">The process at the other end: its link's home bytes.</param>
    /// <param name="trust">How the other agent's key is known.</param>
    public PeerSession(SessionParts parts, byte[] remoteEnd, PeerTrust trust)
    {
        (_parts, _logger, RemoteEnd, Trust) = (parts, parts.Logger, remoteEnd, trust);
        _sealing = parts.Handshake.Secrets.SealOf(IsOpener, parts.Id);
        _opening = parts.Handshake.Secrets.SealOf(!IsOpener, parts.Id);
        if (!parts.Handshake.Remote.TlsFingerprint.IsEmpty)
        {
            parts.Tls.Pin(parts.Handshake.Remote.TlsFingerprint);
        }

        Id = IdOf(parts.Id);
        var (self, remote) = (parts.Self, parts.Handshake.Remote);
        _phrase = new Lazy<string>(() => VerificationPhrase.Of(self.HubId, (self.Address, self.Identity), (remote.Address, remote.Identity)));
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <inheritdoc/>
    public AgentAddress Remote => _parts.Handshake.Remote.Address;

    /// <inheritdoc/>
    public PeerPurpose Purpose => _parts.Purpose;

    /// <inheritdoc/>
    public bool IsOpener => _parts.Handshake.IsOpener;

    /// <inheritdoc/>
    public PeerTrust Trust { get; }

    /// <inheritdoc/>
    public string Phrase => _phrase.Value;

    /// <summary>The session's id as bytes.</summary>
    public ReadOnlyMemory<byte> Key => _parts.Id;

    /// <summary>The other end's process.</summary>
    public byte[] RemoteEnd { get; }

    /// <summary>A session's id as text: 26 digits and small letters, base 32 (RFC 4648, section 7).</summary>
    public static string IdOf(ReadOnlySpan<byte> id) => string.Create(26, BinaryPrimitives.ReadUInt128BigEndian(id), static (text, left) =>
    {
        const string alphabet = "0123456789abcdefghijklmnopqrstuv";
        for (var index = text.Length - 1; index >= 0; index--, left >>= 5)
        {
            text[index] = alphabet[(int)(uint)(left & 31)];
        }
    });

    /// <summary>Something came from the other end.</summary>
    public void Take(PeerSignal signal)
    {
        switch (signal.BodyCase)
        {
            case PeerSignal.BodyOneofCase.Answer when IsOpener:
                // Said again, so our confirmation was lost.
                Confirm();
                break;
            case PeerSignal.BodyOneofCase.Sealed:
                TakeSealed(signal.Sealed);
                break;
            case PeerSignal.BodyOneofCase.Gone:
                // Not sealed, since the keys are gone too: the hub says that it is the other end's, and could end a session anyhow, by carrying nothing.
                End(new ParleyException(ErrorCode.AgentOffline, $"{Remote} does not know the session any more."));
                break;
            default:
                break;
        }
    }

    /// <summary>The opener's last message of the handshake.</summary>
    public void Confirm() => Send(new PeerSignal { Confirm = _parts.Handshake.Confirmation });

    /// <summary>A signal of ours went nowhere.</summary>
    public void TakeRefusal(ParleyException refusal)
    {
        if (refusal.Code == ErrorCode.AgentOffline)
        {
            Miss();
        }
        else if (refusal.Code is not (ErrorCode.RateLimited or ErrorCode.Unavailable))
        {
            End(refusal);
        }

        Wake();
    }

    /// <summary>Ends it: nothing will be said any more.</summary>
    public void End(ParleyException reason)
    {
        lock (_gate)
        {
            _ended ??= reason;
        }

        _heard.Writer.TryComplete(reason);
        Wake();
    }

    /// <summary>Tells the other end that it is over, and why.</summary>
    public void SayClose(ParleyException? reason) =>
        Say(new PeerNote { Close = new PeerClose { Code = reason?.Row.WireName ?? string.Empty, Message = reason?.Message ?? string.Empty } });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }
        }

        SayClose(null);
        lock (_gate)
        {
            _isDisposed = true;
        }

        End(new ParleyException(ErrorCode.Canceled, "The session was closed."));
        _parts.Leave(this);
        await DropPathAsync();
        _parts.Dispose();
        _sealing.Dispose();
        _opening.Dispose();
    }

    private static TaskCompletionSource NewNews() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void TakeSealed(SealedSignal signal)
    {
        PeerNote note;
        try
        {
            note = PeerNote.Parser.ParseFrom(_opening.Open(signal));
        }
        catch (ObjectDisposedException)
        {
            return;
        }
        catch (Exception exception) when (exception is ParleyException or InvalidProtocolBufferException)
        {
            // Only the hub can put something here: it changed, repeated or reordered what it carries.
            LogForged(Id);
            End(exception as ParleyException ?? new ParleyException(ErrorCode.ProtocolViolation, "The other end said something that is no note."));
            return;
        }

        lock (_gate)
        {
            _offlineSince = null;
        }

        TakeNote(note);
        Wake();
    }

    /// <returns>Whether the link stood.</returns>
    private bool Say(PeerNote note)
    {
        lock (_gate)
        {
            // Sealed and sent under one lock: counters must arrive in their order.
            return !_isDisposed && Send(new PeerSignal { Sealed = _sealing.Seal(note.ToByteArray()) });
        }
    }

    private bool Send(PeerSignal signal) => _parts.Send(new Signal
    {
        Session = ByteString.CopyFrom(_parts.Id),
        To = Remote.ToString(),
        ToEnd = ByteString.CopyFrom(RemoteEnd),
        Purpose = PeerPurposeName.ToWire(Purpose),
        Payload = signal.ToByteString(),
    });

    private void Wake()
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            news = _news;
            _news = NewNews();
        }

        news.TrySetResult();
    }

    /// <summary>Says something again until there is what is waited for.</summary>
    /// <remarks>Who was on a path and is asked for another over and over, and does not come, is not waited for without end. An outage of this end's own link does not count.</remarks>
    /// <exception cref="ParleyException">The session is over, or the other end is gone.</exception>
    private async Task<T> SayUntilAsync<T>(Func<bool> say, Func<T?> look, CancellationToken cancellationToken)
        where T : class
    {
        var most = _pathAttempt > 0 ? _parts.Options.AbsentAfter / _parts.Options.RepeatEvery : double.MaxValue;
        var count = 0;
        long? said = null;
        while (true)
        {
            Task news;
            lock (_gate)
            {
                news = _news.Task;
            }

            if (look() is { } there)
            {
                return there;
            }

            CheckAlive();
            if (said is not { } last || _parts.Time.GetElapsedTime(last) >= _parts.Options.RepeatEvery)
            {
                count += say() ? 1 : 0;
                said = count > most ? throw Gone() : _parts.Time.GetTimestamp();
            }

            try
            {
                await news.WaitAsync(_parts.Options.RepeatEvery, _parts.Time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Time to say it again.
            }
        }
    }

    // Who only says and hears notes, as a call does, asks for no path and looks at no clock: the hub's word, again and again, is what it has. An open path is a better witness.
    private void Miss()
    {
        bool isGone;
        lock (_gate)
        {
            _offlineSince ??= _parts.Time.GetTimestamp();
            isGone = IsGone && _path is not { IsClosed: false };
        }

        if (isGone)
        {
            End(Gone());
        }
    }

    private bool IsGone => _offlineSince is { } since && _parts.Time.GetElapsedTime(since) > _parts.Options.GoneAfter;

    private ParleyException Gone() => new(ErrorCode.AgentOffline, $"The other end of the session, at {Remote}, is gone.");

    private void CheckAlive()
    {
        lock (_gate)
        {
            if (_ended is not null)
            {
                throw _ended;
            }

            if (IsGone)
            {
                throw Gone();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A signal of session {Session} does not fit its seal: the session ends")]
    private partial void LogForged(string session);
}
