namespace Parley.Hub.Identity.Visitors;

/// <summary>What makes an agent a visitor: a person's web page, for a while, for the agent that invited it.</summary>
/// <param name="HostId">The row of the agent that invited it.</param>
/// <param name="EndsAt">When it is removed.</param>
internal sealed record Visit(long HostId, DateTimeOffset EndsAt);
