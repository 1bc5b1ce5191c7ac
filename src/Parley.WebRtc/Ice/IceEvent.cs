namespace Parley.WebRtc.Ice;

/// <summary>What an <see cref="IceEvent"/> tells.</summary>
public enum IceEventKind
{
    /// <summary>A candidate of ours, to be signalled to the other side.</summary>
    LocalCandidate = 0,

    /// <summary>No more candidates of ours will come, unless interfaces do.</summary>
    GatheringDone,

    /// <summary>The state changed.</summary>
    StateChanged,

    /// <summary>Data goes over another pair from now on.</summary>
    PairSelected,

    /// <summary>A candidate of the other side is a name (mDNS): resolve it and say so, or it is not used.</summary>
    ResolveName,

    /// <summary>Our credentials changed, because either side restarts: they have to be signalled.</summary>
    Restarted,
}

/// <summary>Something that the owner of an agent may want to know or has to do.</summary>
/// <param name="Kind">What.</param>
/// <param name="State">The new state, for <see cref="IceEventKind.StateChanged"/>.</param>
/// <param name="Candidate">The candidate, for <see cref="IceEventKind.LocalCandidate"/> and <see cref="IceEventKind.ResolveName"/>.</param>
/// <param name="Route">The path, for <see cref="IceEventKind.PairSelected"/>.</param>
public sealed record IceEvent(IceEventKind Kind, IceState State = IceState.New, IceCandidate? Candidate = null, IceRoute? Route = null);
