namespace Parley.Hub.Identity;

/// <summary>A key for HTTP callers; its secret is kept as a hash only.</summary>
/// <param name="Id">Names it to admins.</param>
/// <param name="SecretHash">SHA-256 of the secret.</param>
/// <param name="Owner">For whom its holder acts.</param>
/// <param name="Scopes">What it is good for.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it is good; null = for ever.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="LastUsedAt">When it was last used, to the hour.</param>
internal sealed record ApiKey(
    string Id,
    byte[] SecretHash,
    string Owner,
    ApiScopes Scopes,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt)
{
    /// <summary>Whether it still opens a door.</summary>
    public bool IsGood(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
