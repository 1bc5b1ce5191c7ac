using System.Buffers.Binary;
using Parley.WebRtc.Sctp.Wire;

namespace Parley.WebRtc.Sctp;

/// <summary>The end (RFC 9260, section 9): in order, after everything is acknowledged, or at once by ABORT.</summary>
public sealed partial class SctpAssociation
{
    /// <summary>Ends in order: what was given to <see cref="Send"/> still goes out, then <see cref="SctpEventKind.Closed"/> is told.</summary>
    public void Shutdown()
    {
        if (State == SctpState.Established)
        {
            State = SctpState.ShutdownPending;
        }
        else if (State is SctpState.Closed or SctpState.CookieWait or SctpState.CookieEchoed)
        {
            End(new SctpEvent(SctpEventKind.Closed));
        }
    }

    /// <summary>Ends at once and tells the peer; what waits is lost.</summary>
    public void Abort() => Fail(SctpFailure.Aborted, ErrorCause.UserInitiated);

    private void Fail(SctpFailure failure, ushort? abortCause)
    {
        if (State == SctpState.Ended)
        {
            return;
        }

        End(new SctpEvent(SctpEventKind.Failed, Failure: failure));
        if (abortCause is { } cause && _peerTag != 0)
        {
            _control.AddAlone(ErrorCause.Chunk(ChunkType.Abort, 0, cause, []), _peerTag);
        }
    }

    private void End(SctpEvent last)
    {
        _control.Clear();
        (State, Failure, _handshakeDeadline, _isHandshakeDue) = (SctpState.Ended, last.Failure, TimeSpan.MaxValue, false);
        _events.Add(last);
    }

    private void WriteShutdown(ref PacketWriter writer, TimeSpan now)
    {
        if (State is SctpState.ShutdownPending or SctpState.ShutdownReceived && _sender.IsDrained)
        {
            StartHandshakeTimer(State == SctpState.ShutdownPending ? SctpState.ShutdownSent : SctpState.ShutdownAckSent, now);
        }

        if (!_isHandshakeDue || writer.Room < ChunkReader.HeaderBytes + sizeof(uint))
        {
            return;
        }

        _isHandshakeDue = false;
        if (State == SctpState.ShutdownSent)
        {
            BinaryPrimitives.WriteUInt32BigEndian(writer.Add(ChunkType.Shutdown, 0, sizeof(uint)), _receiver.Tsns.Cumulative);
        }
        else if (State == SctpState.ShutdownAckSent)
        {
            writer.Add(ChunkType.ShutdownAck, 0, 0);
        }
    }

    private void OnShutdown(uint cumulative, TimeSpan now)
    {
        // It also acknowledges, as a SACK without blocks would; what it says of the window is nothing.
        if (!Check(_sender.OnShutdown(cumulative, now)))
        {
            return;
        }

        if (State is SctpState.Established or SctpState.ShutdownPending)
        {
            State = SctpState.ShutdownReceived;
        }
        else if (State == SctpState.ShutdownSent)
        {
            StartHandshakeTimer(SctpState.ShutdownAckSent, now);
        }
        else
        {
            _isHandshakeDue |= State == SctpState.ShutdownAckSent;
        }
    }

    private void OnShutdownAck()
    {
        if (State is SctpState.ShutdownSent or SctpState.ShutdownAckSent)
        {
            End(new SctpEvent(SctpEventKind.Closed));
            _control.AddAlone([ChunkType.ShutdownComplete, 0, 0, ChunkReader.HeaderBytes], _peerTag);
        }
        else if (State == SctpState.Ended && _peerTag != 0)
        {
            // Our last word was lost.
            _control.AddAlone([ChunkType.ShutdownComplete, 0, 0, ChunkReader.HeaderBytes], _peerTag);
        }
    }

    private void OnShutdownComplete()
    {
        if (State == SctpState.ShutdownAckSent)
        {
            End(new SctpEvent(SctpEventKind.Closed));
        }
    }
}
