namespace Parley.Protocol.Link;

/// <summary>What a side of the link does about silence (docs/protocol/hub-link.md, section 4).</summary>
/// <remarks>
/// The hub asks first, many links in one pass: waking a server's threads costs more than what they then do, so a thousand answers that come together cost a fraction of a
/// thousand pings that come one by one. A client asks by itself when no hub did, well before the 60 seconds after which devices in between forget a silent connection.
/// </remarks>
/// <param name="Interval">The heartbeat of the link's welcome.</param>
public readonly record struct Heartbeat(TimeSpan Interval)
{
    /// <summary>Time between two passes of the hub over its links.</summary>
    public TimeSpan Pass => Interval / 6;

    /// <summary>Whether the link is dead: nothing was heard for two and a half heartbeats.</summary>
    public bool IsDead(TimeSpan silence) => silence > Interval * 2.5;

    /// <summary>Whether a pass of the hub comes so late that links may be silent only because nobody asked them, or because the hub stood still and has yet to read what they said.</summary>
    /// <param name="sincePass">Time since the pass before.</param>
    public bool IsLate(TimeSpan sincePass) => sincePass > Pass + Interval;

    /// <summary>Whether a hub ends the link in this pass: it was silent for too long while the hub looked.</summary>
    /// <param name="silence">Since something was heard.</param>
    /// <param name="watch">Since when no pass came late: silence before that proves nothing.</param>
    public bool HubEnds(TimeSpan silence, TimeSpan watch) => IsDead(silence < watch ? silence : watch);

    /// <summary>Whether a hub pings in this pass, so that a living link is never silent for a whole heartbeat.</summary>
    public bool HubPings(TimeSpan silence) => silence >= Interval * 0.7;

    /// <summary>Whether a client pings, which looks once a heartbeat.</summary>
    public bool ClientPings(TimeSpan silence) => silence >= Interval * 0.9;
}
