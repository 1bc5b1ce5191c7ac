namespace Parley.Hub.Identity.Visitors;

/// <summary>What makes a join token an invite: it enrols one visitor.</summary>
/// <param name="Visitor">The visitor's name, under its host's owner.</param>
/// <param name="HostId">The row of the agent that invites.</param>
internal sealed record Invite(string Visitor, long HostId);
