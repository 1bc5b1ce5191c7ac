namespace Parley.Protocol.Management;

/// <summary>An API key as admins see it; never its secret.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Owner">For whom its holder acts.</param>
/// <param name="Scopes">What it is good for.</param>
/// <param name="State"><c>good</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it is good; null = for ever.</param>
/// <param name="LastUsedAt">When it was last used, to the hour; null = never.</param>
public sealed record KeyView(
    string Id,
    string Owner,
    IReadOnlyList<string> Scopes,
    string State,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);

/// <summary>An API key at the one moment when its secret is shown.</summary>
/// <param name="Id">Names it to admins.</param>
/// <param name="Key">The secret, <c>pk_...</c>.</param>
/// <param name="Owner">For whom its holder acts.</param>
/// <param name="Scopes">What it is good for.</param>
/// <param name="ExpiresAt">Until when it is good; null = for ever.</param>
public sealed record NewKey(string Id, string Key, string Owner, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt);
