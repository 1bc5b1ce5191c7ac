using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Asking;

/// <summary>A peer's answer, or why there is none.</summary>
/// <param name="Outcome">What became of the question.</param>
/// <param name="Text">The answer, verbatim; otherwise a sentence.</param>
/// <param name="RetryAfter">When to ask again, where the peer said.</param>
public sealed record PeerReply(PeerOutcome Outcome, string Text, TimeSpan? RetryAfter = null)
{
    /// <summary>The peer's id of the question, where its answer may be asked for later.</summary>
    public string? Task { get; init; }

    /// <summary>What was wrong with the peer's TLS, where that was the reason.</summary>
    public TlsFault? Fault { get; init; }

    /// <summary>Whether the question may have arrived although no answer came back.</summary>
    internal bool MayHaveArrived { get; init; }

    /// <summary>The outcome as tools tell it.</summary>
    public string Code => Outcome switch
    {
        PeerOutcome.Answered => "answered",
        PeerOutcome.Timeout => "timeout",
        PeerOutcome.Unreachable => "unreachable",
        PeerOutcome.PinMismatch => "pin_mismatch",
        PeerOutcome.AuthFailed => "auth_failed",
        PeerOutcome.HopExceeded => "hop_exceeded",
        PeerOutcome.RateLimited => "rate_limited",
        PeerOutcome.Pending => "pending",
        PeerOutcome.Canceled => "canceled",
        PeerOutcome.TaskUnknown => "task_unknown",
        _ => "peer_error",
    };

    /// <summary>The outcome in the catalogue of refusals.</summary>
    public ErrorCode ErrorCode => Outcome switch
    {
        PeerOutcome.Timeout => ErrorCode.DeadlineExceeded,
        PeerOutcome.Unreachable => Fault is { } fault ? PeerTlsErrors.CodeOf(fault) : ErrorCode.AgentUnreachable,
        PeerOutcome.PinMismatch => ErrorCode.PinMismatch,
        PeerOutcome.AuthFailed => ErrorCode.Unauthenticated,
        PeerOutcome.HopExceeded => ErrorCode.MessageHops,
        PeerOutcome.RateLimited => ErrorCode.RateLimited,
        PeerOutcome.Pending => ErrorCode.DeadlineExceeded,
        PeerOutcome.Canceled => ErrorCode.Canceled,
        PeerOutcome.TaskUnknown => ErrorCode.NotFound,
        _ => ErrorCode.ResponderFailed,
    };

    /// <summary>The outcome and the size: content stays out of logs.</summary>
    public override string ToString() => $"PeerReply({Code}, {Text.Length} characters)";
}
