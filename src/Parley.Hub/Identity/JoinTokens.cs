using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>Makes, lists and revokes join tokens. <see cref="Enrolment"/> redeems them.</summary>
internal sealed class JoinTokens
{
    private readonly SqliteStore _store;
    private readonly AgentRegistry _agents;
    private readonly TimeProvider _time;
    private readonly FillRandom _fill;

    /// <summary>Tokens in a store that has the table.</summary>
    public JoinTokens(SqliteStore store, AgentRegistry agents, TimeProvider time, FillRandom fill) =>
        (_store, _agents, _time, _fill) = (store, agents, time, fill);

    /// <summary>Makes a token. The secret is in the answer and nowhere else.</summary>
    /// <param name="wish">What it shall allow.</param>
    /// <param name="createdBy">Who makes it.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.NameInvalid"/>, <see cref="ErrorCode.NameReserved"/>.</exception>
    public async Task<(JoinToken Token, string Secret)> CreateAsync(JoinTokenWish wish, string createdBy, CancellationToken cancellationToken = default)
    {
        Names.CheckNew(wish.Owner);
        Labels.Check(wish.Labels);
        if (wish.MaxAgents <= 0 || wish.MaxUses <= 0 || wish.Lifetime <= TimeSpan.Zero)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "Limits and lifetime of a join token are above zero.");
        }

        var now = _time.GetUtcNow();
        var secret = Secrets.Make(Secrets.JoinTokenPrefix, _fill);
        var token = new JoinToken(
            Secrets.MakeId("t_", _fill),
            Secrets.Hash(secret),
            wish.Owner,
            wish.Labels,
            wish.AgentId,
            wish.MaxAgents,
            wish.MaxUses,
            Uses: 0,
            createdBy,
            now,
            wish.Lifetime is { } lifetime ? now + lifetime : null,
            RevokedAt: null);
        await _store.WriteAsync(connection => JoinTokenStore.Insert(connection, token), cancellationToken);
        return (token, secret);
    }

    /// <summary>All tokens, newest first.</summary>
    public Task<List<JoinToken>> ListAsync(CancellationToken cancellationToken = default) => _store.ReadAsync(JoinTokenStore.Load, cancellationToken);

    /// <summary>Revokes a token, and with it the agents that it enrolled unless they are to be kept.</summary>
    /// <param name="id">Which.</param>
    /// <param name="keepAgents">False removes its agents, which cuts their links.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <returns>The agents that went.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public async Task<IReadOnlyList<AgentAddress>> RevokeAsync(string id, bool keepAgents, CancellationToken cancellationToken = default)
    {
        var isKnown = await _store.WriteAsync(
            connection =>
            {
                JoinTokenStore.Revoke(connection, id, _time.GetUtcNow());
                return JoinTokenStore.Find(connection, id) is not null;
            },
            cancellationToken);
        if (!isKnown)
        {
            throw new ParleyException(ErrorCode.NotFound, "There is no such join token.");
        }

        return keepAgents ? [] : await _agents.RemoveOfTokenAsync(id, cancellationToken);
    }
}

/// <summary>What a new join token shall allow.</summary>
/// <param name="Owner">The owner of the agents that it enrols.</param>
/// <param name="Labels">Labels that these agents get.</param>
/// <param name="MaxAgents">Most agents of this token that exist at a time; null = any number.</param>
/// <param name="MaxUses">How often it may be redeemed in all; null = any number.</param>
/// <param name="Lifetime">How long it is good; null = for ever.</param>
/// <param name="AgentId">The one agent whose new key it takes.</param>
internal sealed record JoinTokenWish(
    string Owner, IReadOnlyDictionary<string, string> Labels, long? MaxAgents, long? MaxUses, TimeSpan? Lifetime, long? AgentId = null);
