namespace Parley.Protocol.Management;

/// <summary>Arguments of <c>invites.create</c> and <c>invites.revoke</c>.</summary>
/// <param name="Visitor">The visitor's name, under the inviting agent's owner.</param>
/// <param name="ExpiresIn">For <c>invites.create</c>: seconds until link and visit end. Default 3,600.</param>
public sealed record InviteArguments(string Visitor, long? ExpiresIn = null);

/// <summary>An invite at the one moment when its secret is shown.</summary>
/// <param name="Visitor">The visitor's address, once the link is used.</param>
/// <param name="Secret">What the page enrols with; good once.</param>
/// <param name="Page">Where the hub serves the page.</param>
/// <param name="ExpiresAt">When link and visit end.</param>
public sealed record NewInvite(string Visitor, string Secret, Uri Page, DateTimeOffset ExpiresAt);
