using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;
using Parley.Sqlite;

namespace Parley.Hub.Identity.Visitors;

/// <summary>Makes and revokes invites, and ends visitors when their time is over. <see cref="Enrolment"/> redeems invites, as it does every join token.</summary>
/// <param name="store">A store that has the columns.</param>
/// <param name="agents">Hosts and visitors.</param>
/// <param name="options">How many, and for how long.</param>
/// <param name="time">Clock.</param>
/// <param name="fill">Secrets and ids.</param>
internal sealed class Invites(SqliteStore store, AgentRegistry agents, VisitorOptions options, TimeProvider time, FillRandom fill)
{
    /// <summary>How long a row is kept after its invite is over, for those who ask what became of it.</summary>
    private static readonly TimeSpan _kept = TimeSpan.FromDays(1);

    // Who was invited and has not entered yet, so that a host that asks early waits instead of being told that there is nobody of that name.
    private readonly ConcurrentDictionary<AgentAddress, Visit> _expected = new();

    /// <summary>Reads which invites are open; called once, before the doors open. Invites that another node makes later are not expected here until their visitor has entered.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        foreach (var token in await store.ReadAsync(JoinTokenStore.Load, cancellationToken))
        {
            if (token is { Invite: { } invite, ExpiresAt: { } end } && token.IsGood(now))
            {
                _expected[new AgentAddress(token.Owner, invite.Visitor)] = new Visit(invite.HostId, end);
            }
        }
    }

    /// <summary>Whether an agent has invited somebody of this name who has not entered yet.</summary>
    public bool IsExpected(AgentAddress host, string visitor)
    {
        var address = AgentAddress.TryParse(visitor, out var whole) ? whole : new AgentAddress(host.Owner, visitor);
        return _expected.TryGetValue(address, out var visit) && visit.EndsAt > time.GetUtcNow() && agents.Find(host)?.Id == visit.HostId;
    }

    /// <summary>Somebody was enrolled.</summary>
    public void Entered(AgentAddress agent) => _expected.TryRemove(agent, out _);

    /// <summary>Makes an invite. An older one for the same name that nobody used is void from then on. The secret is in the answer and nowhere else.</summary>
    /// <param name="host">Who invites.</param>
    /// <param name="name">The visitor's name, under the host's owner.</param>
    /// <param name="lifetime">How long the link, and the visit, last.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.Unsupported"/>: the page is off; <see cref="ErrorCode.NameTaken"/>, <see cref="ErrorCode.NameInvalid"/>, <see cref="ErrorCode.NameReserved"/>,
    /// <see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.JoinLimit"/>.
    /// </exception>
    public async Task<(JoinToken Token, string Secret)> CreateAsync(Agent host, string name, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        if (!options.IsPageServed)
        {
            throw new ParleyException(ErrorCode.Unsupported, "This hub serves no page for visitors: its operator turned it off.");
        }

        Names.CheckNew(name);
        if (lifetime < VisitorOptions.ShortestInvite || lifetime > options.LongestInvite)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"An invite lasts a minute at least, and {options.LongestInvite.TotalHours:0.#} hours at most on this hub.") { Field = "expiresIn" };
        }

        var now = time.GetUtcNow();
        var secret = Secrets.Make(Secrets.InvitePrefix, fill);
        var token = new JoinToken(
            Secrets.MakeId("t_", fill), Secrets.Hash(secret), host.Address.Owner, new Dictionary<string, string>(), AgentId: null, MaxAgents: 1, MaxUses: 1, Uses: 0, host.Address.ToString(), now, now + lifetime, RevokedAt: null)
        {
            Invite = new Invite(name, host.Id),
        };
        var visitor = new AgentAddress(host.Address.Owner, name);
        await store.WriteAsync(connection => Insert(connection, token, visitor, now), cancellationToken);
        _expected[visitor] = new Visit(host.Id, now + lifetime);
        return (token, secret);
    }

    /// <summary>Ends a visit: its invite is void, its visitor removed, its link cut.</summary>
    /// <param name="host">Who invited.</param>
    /// <param name="name">The visitor's name.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>: it invited nobody of this name.</exception>
    public async Task<AgentAddress> RevokeAsync(Agent host, string name, CancellationToken cancellationToken = default)
    {
        var address = new AgentAddress(host.Address.Owner, name);
        var now = time.GetUtcNow();
        var isInvited = await store.WriteAsync(connection => InviteStore.Revoke(connection, host.Id, name, now) > 0, cancellationToken);
        if (isInvited)
        {
            _expected.TryRemove(address, out _);
        }

        var isHere = agents.Find(address) is { Visit: { } visit } && visit.HostId == host.Id;
        if (isHere)
        {
            await agents.RemoveAsync(address, cancellationToken);
        }

        return isInvited || isHere ? address : throw new ParleyException(ErrorCode.NotFound, $"There is no visitor '{name}' of yours.");
    }

    /// <summary>Removes visitors whose time is over or whose host is gone; called every second.</summary>
    public async Task EndDueAsync(CancellationToken cancellationToken = default)
    {
        foreach (var visitor in agents.VisitorsOver(time.GetUtcNow()))
        {
            try
            {
                await agents.RemoveAsync(visitor.Address, cancellationToken);
            }
            catch (ParleyException gone) when (gone.Code == ErrorCode.AgentUnknown)
            {
                // Another node was faster.
            }
        }
    }

    /// <summary>Forgets invites that were over long ago.</summary>
    public Task TrimAsync(CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        foreach (var (address, _) in _expected.Where(entry => entry.Value.EndsAt <= now).ToList())
        {
            _expected.TryRemove(address, out _);
        }

        var before = now - _kept;
        return store.WriteAsync(connection => InviteStore.DeleteOver(connection, before), cancellationToken);
    }

    private int Insert(SqliteConnection connection, JoinToken token, AgentAddress address, DateTimeOffset now)
    {
        var invite = token.Invite!;
        if (AgentStore.Find(connection, address) is not null)
        {
            throw new ParleyException(ErrorCode.NameTaken, $"The name '{invite.Visitor}' is in use. If it is a visitor of yours, revoke it first.");
        }

        InviteStore.Revoke(connection, invite.HostId, invite.Visitor, now);
        if (InviteStore.CountOpen(connection, invite.HostId, now) >= options.VisitorsPerAgent)
        {
            throw new ParleyException(ErrorCode.JoinLimit, $"One agent has at most {options.VisitorsPerAgent} visitors and open invites.");
        }

        return JoinTokenStore.Insert(connection, token);
    }
}
