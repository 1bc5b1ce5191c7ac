using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp;

/// <summary>The beginning (RFC 9260, section 5): INIT, INIT ACK with a cookie, COOKIE ECHO, COOKIE ACK; both ends may begin at once.</summary>
public sealed partial class SctpAssociation
{
    private readonly byte[] _cookieKey = new byte[32];
    private byte[] _peerCookie = [];
    private uint _initialTsn;
    private bool _isHandshakeDue;
    private int _handshakeTries;
    private TimeSpan _handshakeTimeout;
    private TimeSpan _handshakeDeadline = TimeSpan.MaxValue;
    private InitFacts _facts;

    /// <summary>Begins. Both ends of a WebRTC connection do.</summary>
    public void Connect(TimeSpan now)
    {
        if (State == SctpState.Closed)
        {
            StartHandshakeTimer(SctpState.CookieWait, now);
        }
    }

    private void StartHandshakeTimer(SctpState state, TimeSpan now)
    {
        (State, _isHandshakeDue, _handshakeTries, _handshakeTimeout) = (state, true, 0, _options.InitialTimeout);
        _handshakeDeadline = now + _handshakeTimeout;
    }

    private void OnHandshakeTimeout(TimeSpan now)
    {
        if (++_handshakeTries > _options.MaxRetransmissions)
        {
            Fail(SctpFailure.NoAnswer, abortCause: null);
            return;
        }

        _isHandshakeDue = true;
        _handshakeTimeout = Earlier(_handshakeTimeout * 2, _options.MaxTimeout);
        _handshakeDeadline = now + _handshakeTimeout;
    }

    private int PollHandshake(Span<byte> destination, TimeSpan now)
    {
        if (!_isHandshakeDue)
        {
            return 0;
        }

        _isHandshakeDue = false;
        if (State == SctpState.CookieWait)
        {
            var init = new PacketWriter(destination, destination.Length, _options.LocalPort, _options.RemotePort, 0);
            OurInit(_localTag, _initialTsn).Write(init.Add(ChunkType.Init, 0, InitChunk.FixedBytes + InitChunk.ExtensionsBytes));
            return init.Finish();
        }

        var echo = new PacketWriter(destination, destination.Length, _options.LocalPort, _options.RemotePort, _peerTag);
        _peerCookie.CopyTo(echo.Add(ChunkType.CookieEcho, 0, _peerCookie.Length));
        _handshakeDeadline = now + _handshakeTimeout;
        return echo.Finish();
    }

    private InitChunk OurInit(uint tag, uint initialTsn) => new()
    {
        Tag = tag,
        Window = _receiver.Window,
        OutboundStreams = _options.MaxStreams,
        InboundStreams = _options.MaxStreams,
        InitialTsn = initialTsn,
    };

    // Nothing is kept of it: all that is needed to go on is in the cookie.
    private void OnInit(ReadOnlySpan<byte> value, TimeSpan now)
    {
        if (!InitChunk.TryRead(value, out var init))
        {
            if (value.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32BigEndian(value) is not 0 and var peer)
            {
                _control.AddAlone(ErrorCause.Chunk(ChunkType.Abort, 0, ErrorCause.ProtocolViolation, []), peer);
            }

            return;
        }

        if (State is SctpState.Ended or SctpState.ShutdownAckSent)
        {
            return;
        }

        // While nothing is established, an answer names the same tag and number as our own INIT: the two beginnings become one (section 5.2.1).
        var isFresh = IsOpen;
        var cookie = new StateCookie
        {
            MadeAt = now,
            LocalTag = isFresh ? NewTag() : _localTag,
            PeerTag = init.Tag,
            LocalInitialTsn = isFresh ? NewTag() : _initialTsn,
            PeerInitialTsn = init.InitialTsn,
            PeerWindow = init.Window,
            OutboundStreams = Math.Min(_options.MaxStreams, init.InboundStreams),
            InboundStreams = Math.Min(_options.MaxStreams, init.OutboundStreams),
            HasForwardTsn = init.HasForwardTsn,
            HasReconfig = init.HasReconfig,
            LocalTieTag = State is SctpState.Closed or SctpState.CookieWait ? 0 : _localTag,
            PeerTieTag = State is SctpState.Closed or SctpState.CookieWait ? 0 : _peerTag,
        };
        _control.AddAlone(InitAck(in cookie, Unrecognized(init.Parameters)), init.Tag);
    }

    private byte[] InitAck(in StateCookie cookie, ReadOnlySpan<byte> unrecognized)
    {
        const int CookieAt = ChunkReader.HeaderBytes + InitChunk.FixedBytes + InitChunk.ExtensionsBytes;
        var chunk = new byte[CookieAt + ChunkReader.HeaderBytes + StateCookie.Bytes + unrecognized.Length];
        chunk[0] = ChunkType.InitAck;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)chunk.Length);
        OurInit(cookie.LocalTag, cookie.LocalInitialTsn).Write(chunk.AsSpan(ChunkReader.HeaderBytes));
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(CookieAt), InitChunk.CookieParameter);
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(CookieAt + 2), ChunkReader.HeaderBytes + StateCookie.Bytes);
        cookie.Write(chunk.AsSpan(CookieAt + ChunkReader.HeaderBytes, StateCookie.Bytes), _cookieKey);
        unrecognized.CopyTo(chunk.AsSpan(CookieAt + ChunkReader.HeaderBytes + StateCookie.Bytes));
        return chunk;
    }

    // Parameters whose type asks for a report go back whole, each in a parameter of its own; a few hundred bytes at most.
    private static byte[] Unrecognized(ReadOnlySpan<byte> parameters)
    {
        const int MaxReport = 256;
        var report = new List<byte>();
        var reader = new ChunkReader(parameters);
        while (reader.MoveNext())
        {
            var type = reader.ParameterType;
            if (InitChunk.IsKnown(type))
            {
                continue;
            }

            var whole = reader.Whole;
            if ((type & 0x4000) != 0 && report.Count + whole.Length + 8 <= MaxReport)
            {
                report.AddRange([0, (byte)InitChunk.UnrecognizedParameter, (byte)((whole.Length + 4) >> 8), (byte)(whole.Length + 4)]);
                report.AddRange(whole);
                report.AddRange(new byte[ChunkReader.Padded(whole.Length) - whole.Length]);
            }

            if ((type & 0x8000) == 0)
            {
                break;
            }
        }

        return [.. report];
    }

    private void OnInitAck(ReadOnlySpan<byte> value, TimeSpan now)
    {
        if (State != SctpState.CookieWait)
        {
            return;
        }

        if (!InitChunk.TryRead(value, out var answer) || answer.Cookie.IsEmpty || answer.Cookie.Length > _options.StartPacketBytes - 64)
        {
            Fail(SctpFailure.ProtocolViolation, ErrorCause.ProtocolViolation);
            return;
        }

        _peerTag = answer.Tag;
        _peerCookie = answer.Cookie.ToArray();
        _facts = new InitFacts(
            answer.InitialTsn, answer.Window, Math.Min(_options.MaxStreams, answer.InboundStreams), answer.HasForwardTsn, answer.HasReconfig);
        StartHandshakeTimer(SctpState.CookieEchoed, now);
    }

    private void OnCookieEcho(ReadOnlySpan<byte> value, uint tag, TimeSpan now)
    {
        if (!StateCookie.TryRead(value, _cookieKey, out var cookie) || cookie.LocalTag != tag || State is SctpState.Ended)
        {
            return;
        }

        var (isOurs, isPeers) = (cookie.LocalTag == _localTag, cookie.PeerTag == _peerTag);
        if (now - cookie.MadeAt > _options.CookieLifetime && !(isOurs && isPeers && IsOpen))
        {
            Span<byte> staleness = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(staleness, (uint)Math.Min(uint.MaxValue, (now - cookie.MadeAt - _options.CookieLifetime).TotalMicroseconds));
            _control.AddAlone(ErrorCause.Chunk(ChunkType.Error, 0, ErrorCause.StaleCookie, staleness), cookie.PeerTag);
            return;
        }

        var facts = new InitFacts(cookie.PeerInitialTsn, cookie.PeerWindow, cookie.OutboundStreams, cookie.HasForwardTsn, cookie.HasReconfig);
        if (!IsOpen)
        {
            // The usual beginning, or two at once (section 5.2.4, actions B and D); a cookie of an earlier INIT of ours has another tag (action C).
            if (isOurs)
            {
                (_peerTag, _initialTsn) = (cookie.PeerTag, cookie.LocalInitialTsn);
                Establish(in facts, isRestart: false, now);
                _control.Add([ChunkType.CookieAck, 0, 0, ChunkReader.HeaderBytes]);
            }

            return;
        }

        if (isOurs && isPeers)
        {
            _control.Add([ChunkType.CookieAck, 0, 0, ChunkReader.HeaderBytes]);
        }
        else if (!isOurs && !isPeers && cookie.LocalTieTag == _localTag && cookie.PeerTieTag == _peerTag)
        {
            // The peer lost its memory and began anew (action A).
            (_localTag, _peerTag, _initialTsn) = (cookie.LocalTag, cookie.PeerTag, cookie.LocalInitialTsn);
            _control.Clear();
            Establish(in facts, isRestart: true, now);
            _control.Add([ChunkType.CookieAck, 0, 0, ChunkReader.HeaderBytes]);
        }
    }

    private void OnCookieAck(TimeSpan now)
    {
        if (State == SctpState.CookieEchoed)
        {
            Establish(in _facts, isRestart: false, now);
        }
    }

    // The cookie grew old on its way: ask for a new one.
    private void OnStaleCookie(TimeSpan now)
    {
        if (State == SctpState.CookieEchoed)
        {
            StartHandshakeTimer(SctpState.CookieWait, now);
        }
    }

    private void Establish(in InitFacts facts, bool isRestart, TimeSpan now)
    {
        State = SctpState.Established;
        (_peerCookie, _isHandshakeDue, _handshakeDeadline) = ([], false, TimeSpan.MaxValue);
        _outboundStreams = facts.OutboundStreams;
        if (isRestart)
        {
            _sender.Queue.Restart();
        }

        _sender.Start(_initialTsn, facts.Window, facts.HasForwardTsn, now);
        _receiver.Start(facts.InitialTsn);
        _acknowledgements.Start();
        _resets.Start(_initialTsn, facts.InitialTsn, facts.HasReconfig);
        _heartbeats.OnHeard(now);
        _pathMtu.Search(now);
        _sender.Resize(_pathMtu.Current);
        _events.Add(new SctpEvent(isRestart ? SctpEventKind.Restarted : SctpEventKind.Connected));
    }

    /// <summary>What the peer told of itself in its INIT or INIT ACK.</summary>
    private readonly record struct InitFacts(uint InitialTsn, uint Window, ushort OutboundStreams, bool HasForwardTsn, bool HasReconfig);
}
