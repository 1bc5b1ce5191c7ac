namespace Parley.WebRtc.Ice;

/// <summary>How far the check of a pair is (RFC 8445, section 6.1.2.6).</summary>
public enum PairState
{
    /// <summary>Waits until a pair of the same foundation has worked.</summary>
    Frozen = 0,

    /// <summary>Will be checked.</summary>
    Waiting,

    /// <summary>A check is under way.</summary>
    InProgress,

    /// <summary>A check worked.</summary>
    Succeeded,

    /// <summary>It does not work; the reason says why.</summary>
    Failed,
}
