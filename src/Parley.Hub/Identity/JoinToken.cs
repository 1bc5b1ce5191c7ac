using Parley.Hub.Identity.Visitors;
using Parley.Protocol.Errors;

namespace Parley.Hub.Identity;

/// <summary>What a join token allows; its secret is kept as a hash only.</summary>
/// <param name="Id">Names it to admins.</param>
/// <param name="SecretHash">SHA-256 of the secret.</param>
/// <param name="Owner">The owner of the agents that it enrols.</param>
/// <param name="Labels">Labels that these agents get, and cannot change.</param>
/// <param name="AgentId">Set for the token of a key reset: the one agent whose new key it takes.</param>
/// <param name="MaxAgents">Most agents of this token that exist at a time; null = any number.</param>
/// <param name="MaxUses">How often it may be redeemed in all; null = any number.</param>
/// <param name="Uses">How often it was.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Until when it is good; null = for ever.</param>
/// <param name="RevokedAt">When it was revoked.</param>
internal sealed record JoinToken(
    string Id,
    byte[] SecretHash,
    string Owner,
    IReadOnlyDictionary<string, string> Labels,
    long? AgentId,
    long? MaxAgents,
    long? MaxUses,
    long Uses,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt)
{
    /// <summary>Set for an invite: whom it lets in; null for a token of an admin.</summary>
    public Invite? Invite { get; init; }

    /// <summary>Whether it has been redeemed as often as it may.</summary>
    public bool IsSpent => Uses >= MaxUses;

    /// <summary>Whether it can still be redeemed.</summary>
    public bool IsGood(DateTimeOffset now) => !IsSpent && RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>Refuses a redemption that the token does not allow. Spent, expired and revoked look alike.</summary>
    /// <param name="now">The time.</param>
    /// <param name="agents">How many agents of this token there are.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JoinRefused"/>, <see cref="ErrorCode.JoinLimit"/>.</exception>
    public void Check(DateTimeOffset now, long agents)
    {
        if (!IsGood(now))
        {
            throw Refused();
        }

        if (AgentId is null && agents >= MaxAgents)
        {
            throw new ParleyException(ErrorCode.JoinLimit, $"This join token enrols {MaxAgents} agents at most.");
        }
    }

    /// <summary>The one answer to every token that is no good.</summary>
    public static ParleyException Refused() => new(ErrorCode.JoinRefused, "The join string is not valid, or not any more.");
}
