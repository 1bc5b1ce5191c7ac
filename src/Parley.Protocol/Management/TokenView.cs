namespace Parley.Protocol.Management;

/// <summary>A join token as admins see it; never its secret.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Owner">The owner of the agents that it enrols.</param>
/// <param name="Labels">Labels that these agents get.</param>
/// <param name="MaxAgents">Most agents of this token at a time; null = any number.</param>
/// <param name="MaxUses">How often it may be redeemed; null = any number.</param>
/// <param name="Uses">How often it was.</param>
/// <param name="State"><c>good</c>, <c>spent</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it is good; null = for ever.</param>
public sealed record TokenView(
    string Id,
    string Owner,
    IReadOnlyDictionary<string, string> Labels,
    long? MaxAgents,
    long? MaxUses,
    long Uses,
    string State,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt);

/// <summary>A join token at the one moment when its secret is shown.</summary>
/// <param name="Id">Names it to admins.</param>
/// <param name="Join">The join string, secret included.</param>
/// <param name="Owner">The owner of the agents that it enrols.</param>
/// <param name="ExpiresAt">Until when it is good; null = for ever.</param>
public sealed record NewToken(string Id, string Join, string Owner, DateTimeOffset? ExpiresAt);

/// <summary>What revoking a join token did.</summary>
/// <param name="Id">Which.</param>
/// <param name="RemovedAgents">The agents that went with it.</param>
public sealed record RevokedToken(string Id, IReadOnlyList<string> RemovedAgents);
