namespace Parley.Client.PeerApi.Asking;

/// <summary>What became of a question to a peer.</summary>
public enum PeerOutcome
{
    /// <summary>It was answered.</summary>
    Answered,

    /// <summary><c>timeout</c>: no answer in time; the peer may still be working on it.</summary>
    Timeout,

    /// <summary><c>unreachable</c>: nobody answers at the address.</summary>
    Unreachable,

    /// <summary><c>pin_mismatch</c>: somebody answers who is not the pinned peer; nothing was sent.</summary>
    PinMismatch,

    /// <summary><c>auth_failed</c>: the peer did not believe us, or does not allow this.</summary>
    AuthFailed,

    /// <summary><c>hop_exceeded</c>: agents ask each other in a circle.</summary>
    HopExceeded,

    /// <summary><c>rate_limited</c>: we ask too often.</summary>
    RateLimited,

    /// <summary><c>pending</c>: the peer works on it; its answer is asked for by the task's id.</summary>
    Pending,

    /// <summary><c>canceled</c>: the task was cancelled.</summary>
    Canceled,

    /// <summary><c>task_unknown</c>: the peer has no such task of ours, or forgot it.</summary>
    TaskUnknown,

    /// <summary><c>peer_error</c>: anything else that the peer said.</summary>
    PeerError,
}
