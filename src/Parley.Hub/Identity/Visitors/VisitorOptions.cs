namespace Parley.Hub.Identity.Visitors;

/// <summary>Limits of visitors: people without the program, on the hub's page.</summary>
internal sealed class VisitorOptions
{
    /// <summary>The shortest that a visit can be.</summary>
    public static readonly TimeSpan ShortestInvite = TimeSpan.FromMinutes(1);

    /// <summary>Whether the hub serves its page at <c>/p2p</c>. Without it agents cannot invite, and no link with an <c>Origin</c> is let in.</summary>
    /// <value>True.</value>
    public bool IsPageServed { get; set; } = true;

    /// <summary>Visitors and open invites that one agent may have.</summary>
    /// <value>1 to 10,000; 32.</value>
    public int VisitorsPerAgent { get; set; } = 32;

    /// <summary>How long an invite, and the visit that follows, may last.</summary>
    /// <value>1 minute to 31 days; 7 days.</value>
    public TimeSpan LongestInvite { get; set; } = TimeSpan.FromDays(7);
}
