using Parley.Crypto.Dtls;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sctp;

namespace Parley.WebRtc.Connections;

/// <summary>The end: SCTP says its last word, then DTLS, then relayed addresses are given back; each step when the one before it was polled.</summary>
public sealed partial class PeerConnection
{
    private static readonly TimeSpan _answerTime = TimeSpan.FromMilliseconds(500);

    private EndingStep _endingStep;
    private bool _isClosing;
    private TimeSpan? _closeDeadline;

    private enum EndingStep
    {
        None,
        Sctp,
        Linger,
        Dtls,
        Ice,
        Done,
    }

    /// <summary>Ends in order: what was given to channels still arrives, unless <see cref="PeerConnectionOptions.CloseTimeout"/> is over before.</summary>
    public void Close(TimeSpan now)
    {
        if (_isClosing || _endingStep != EndingStep.None)
        {
            return;
        }

        _isClosing = true;
        if (IsCarrying && _sctp!.State == SctpState.Established)
        {
            _sctp.Shutdown();
            _closeDeadline = now + _options.CloseTimeout;
            return;
        }

        End(PeerConnectionState.Closed);
    }

    /// <summary>Ends at once and tells the peer; what waits is lost.</summary>
    public void Abort() => End(PeerConnectionState.Closed);

    /// <summary>Frees what is OpenSSL's. Ends at once, and no longer can anything be polled.</summary>
    public void Dispose()
    {
        End(PeerConnectionState.Closed);
        _endingStep = EndingStep.Done;
        _dtls?.Dispose();
    }

    private void End(PeerConnectionState state, PeerConnectionFailure failure = PeerConnectionFailure.None, string? reason = null)
    {
        if (_endingStep != EndingStep.None)
        {
            return;
        }

        (_endingStep, _closeDeadline) = (EndingStep.Sctp, null);
        if (_sctp is { State: not SctpState.Ended })
        {
            _sctp.Abort();
        }

        (State, Failure, FailureReason, _isFinalUntold) = (state, failure, reason, true);
    }

    private bool HasEnded()
    {
        if (_dtls is null || _sctp is null)
        {
            return false;
        }

        if (_dtls.State == DtlsState.Failed)
        {
            var failure = _dtls.Fault == DtlsFault.OtherCertificate ? PeerConnectionFailure.OtherCertificate : PeerConnectionFailure.Handshake;
            End(PeerConnectionState.Failed, failure, _dtls.FailureReason);
        }
        else if (_sctp.State == SctpState.Ended)
        {
            EndWithSctp(_sctp.Failure);
        }
        else if (_dtls.State == DtlsState.Closed || (_ice.State == IceState.Failed && (_isClosing || IsPeerClosing)))
        {
            End(PeerConnectionState.Closed);
        }

        return _endingStep != EndingStep.None;
    }

    /// <summary>The peer has said that it closes, and everything was said but its last word, which was lost with the path.</summary>
    private bool IsPeerClosing => _sctp is { State: SctpState.ShutdownReceived or SctpState.ShutdownAckSent };

    // Browsers close with an ABORT, so that of the peer is its way to say goodbye.
    private void EndWithSctp(SctpFailure failure)
    {
        switch (failure)
        {
            case SctpFailure.NoAnswer when !_isClosing:
                End(PeerConnectionState.Failed, PeerConnectionFailure.NoAnswer, "The peer's SCTP does not answer.");
                break;
            case SctpFailure.ProtocolViolation:
                End(PeerConnectionState.Failed, PeerConnectionFailure.ProtocolViolation, "The peer broke the rules of SCTP.");
                break;
            case SctpFailure.MessageTooLarge:
                End(PeerConnectionState.Failed, PeerConnectionFailure.ProtocolViolation, "The peer sent a larger message than it was told that we take.");
                break;
            default:
                End(PeerConnectionState.Closed);
                break;
        }
    }

    /// <summary>Everything of the step was polled: on to the next.</summary>
    /// <returns>There may be something to poll again.</returns>
    private bool MoveEnding(TimeSpan now)
    {
        switch (_endingStep)
        {
            case EndingStep.Sctp:
                // Our last word may be lost, or overtaken by the end of a relayed address: it is said again until the peer's close_notify shows that it has come,
                // or for as long as the peer would take to ask.
                _closeDeadline = _isClosing && _sctp is { Failure: SctpFailure.None } && IsCarrying ? now + _options.Sctp.InitialTimeout + _answerTime : null;
                _endingStep = EndingStep.Linger;
                return true;
            case EndingStep.Linger when _closeDeadline > now && IsCarrying:
                return false;
            case EndingStep.Linger:
                _closeDeadline = null;
                _dtls?.Close();
                _endingStep = EndingStep.Dtls;
                return true;
            case EndingStep.Dtls:
                _ice.Close(now);
                _endingStep = EndingStep.Ice;
                return true;
            case EndingStep.Ice:
                _endingStep = EndingStep.Done;
                return false;
            default:
                return false;
        }
    }

    private void SetState(PeerConnectionState state)
    {
        if (state != State)
        {
            State = state;
            _told.Enqueue(new PeerConnectionEvent(PeerConnectionEventKind.StateChanged, State: state));
        }
    }
}
