using Parley.Hub.Identity.Visitors;
using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Sqlite;

namespace Parley.Hub.Identity;

/// <summary>The agents that are enrolled here. All of them are in memory; a change goes to the store first, then to memory, then to those who listen.</summary>
internal sealed class AgentRegistry
{
    private readonly ConcurrentDictionary<AgentAddress, Agent> _agents = new();
    private readonly ConcurrentDictionary<AgentAddress, long> _former = new();
    private readonly SqliteStore _store;
    private readonly CommitOrder _order;
    private readonly Contacts _contacts;
    private readonly TimeProvider _time;

    private readonly ConcurrentDictionary<long, AgentAddress> _byId = new();
    private readonly ConcurrentDictionary<long, Agent> _visitors = new();

    // Which owners have an agent of a bare name; guarded by itself, arrays are replaced whole.
    private readonly Dictionary<string, AgentAddress[]> _byName = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Agents in a store that has the table.</summary>
    /// <param name="store">The store.</param>
    /// <param name="order">Shared with <paramref name="contacts"/>, which change with agents.</param>
    /// <param name="contacts">Who accepted whom.</param>
    /// <param name="time">Clock.</param>
    public AgentRegistry(SqliteStore store, CommitOrder order, Contacts contacts, TimeProvider time) => (_store, _order, _contacts, _time) = (store, order, contacts, time);

    /// <summary>Told after a change, in the order of the changes of one agent. Handlers must be quick and must not throw.</summary>
    public event Action<AgentChange>? Changed;

    /// <summary>Runs in the commit that renames an agent: each module moves the rows that it keeps under names.</summary>
    public Action<SqliteConnection, AgentAddress, AgentAddress>? Renaming { get; set; }

    /// <summary>Runs in the commit that removes an agent, and deletes what is kept for it; what it gives runs after the commit, when everybody was told.</summary>
    public Func<SqliteConnection, AgentAddress, Action>? Removing { get; set; }

    /// <summary>Whether any agent has a name that it had before.</summary>
    public bool HasFormerNames => !_former.IsEmpty;

    /// <summary>How many agents there are.</summary>
    public int Count => _agents.Count;

    /// <summary>Grows with every change, so that others may remember what they asked.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>Reads all from the store; called once, before the doors open.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        foreach (var agent in await _store.ReadAsync(AgentStore.Load, cancellationToken))
        {
            Put(agent);
        }

        foreach (var (former, id) in await _store.ReadAsync(AgentStore.LoadFormer, cancellationToken))
        {
            _former[former] = id;
        }
    }

    /// <summary>The agent that had this address before it was renamed; null when nobody had, or somebody has it now.</summary>
    public Agent? FindFormer(AgentAddress address) =>
        _former.TryGetValue(address, out var id) && !_agents.ContainsKey(address) ? Find(id) : null;

    /// <summary>The agent of this row, whatever it is called by now.</summary>
    public Agent? Find(long id) => _byId.TryGetValue(id, out var address) && Find(address) is { } agent && agent.Id == id ? agent : null;

    /// <summary>Whether an agent has this address, or had it before it was renamed; the store is asked when memory knows none, since another node may have enrolled it just now.</summary>
    public async ValueTask<bool> IsEnrolledAsync(AgentAddress address) =>
        Find(address) is not null || FindFormer(address) is not null || await _store.ReadAsync(connection => AgentStore.Exists(connection, address));

    /// <summary>The agent of this address.</summary>
    public Agent? Find(AgentAddress address) => _agents.GetValueOrDefault(address);

    /// <summary>The agent that a caller means (DECISIONS 49). A full address reaches any agent, since strangers' messages are held until accepted;
    /// a bare name is an agent of the own owner, else the only one of that name among accepted contacts, and never a stranger's.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>, <see cref="ErrorCode.AgentAmbiguous"/>.</exception>
    public AgentAddress Resolve(Principal caller, string text)
    {
        if (AgentAddress.TryParse(text, out var address))
        {
            return Find(address) is { } present && Knows(caller, present) ? address : throw Unknown();
        }

        if (!Names.IsValid(text))
        {
            throw Unknown();
        }

        if (caller.Owner is { } owner && Find(new AgentAddress(owner, text)) is { } own && Knows(caller, own))
        {
            return own.Address;
        }

        var candidates = Array.FindAll(NamedLike(text), candidate => MayMean(caller, candidate) && Find(candidate) is { } one && Knows(caller, one));
        return candidates switch
        {
            [var only] => only,
            [] => throw Unknown(),
            _ => throw new ParleyException(ErrorCode.AgentAmbiguous, $"Several agents are called '{text}'; write owner.{text}."),
        };
    }

    /// <summary>The agents that a caller may see, by address.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="anyOf">Scopes of which the caller's credential needs one.</param>
    public IReadOnlyList<Agent> VisibleTo(Principal caller, ApiScopes anyOf = ApiScopes.AgentsRead) =>
        [.. _agents.Values.Where(agent => MaySee(caller, agent, anyOf)).OrderBy(agent => agent.Address.Owner, StringComparer.Ordinal).ThenBy(agent => agent.Address.Name, StringComparer.Ordinal)];

    /// <summary>The visible agents whose labels fit.</summary>
    public IReadOnlyList<Agent> Select(Principal caller, LabelSelector selector) =>
        [.. VisibleTo(caller).Where(agent => selector.Matches(agent.Labels))];

    /// <summary>The agent of a name or address, if the caller may see it.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="text">Name or address.</param>
    /// <param name="anyOf">Scopes of which the caller's credential needs one.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>: none, or not for the caller; the answers are alike.</exception>
    public Agent FindVisible(Principal caller, string text, ApiScopes anyOf = ApiScopes.AgentsRead)
    {
        var agent = Find(Resolve(caller, text));
        return agent is not null && MaySee(caller, agent, anyOf) ? agent : throw Unknown();
    }

    /// <summary>Whether an agent is known to itself and admins alone.</summary>
    public bool IsPrivate(AgentAddress address) => Find(address) is { Visibility: AgentVisibility.Private } or { Visit: not null };

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<Agent> All => _agents.Values;

    /// <summary>Visitors whose time is over, or whose host is gone.</summary>
    public IReadOnlyList<Agent> VisitorsOver(DateTimeOffset now) =>
        _visitors.IsEmpty ? [] : [.. _visitors.Values.Where(visitor => IsOver(visitor, now))];

    /// <summary>Whether an agent is a visitor whose time is over, or whose host is gone.</summary>
    public bool IsOver(Agent agent, DateTimeOffset now) => agent.Visit is { } visit && VisitorRules.IsOver(agent, Find(visit.HostId) is not null, now);

    /// <summary>The rows of all agents.</summary>
    public IReadOnlySet<long> Ids() => _agents.Values.Select(agent => agent.Id).ToHashSet();

    /// <summary>Whether no other owner has an agent of this name, so that the bare name is enough.</summary>
    public bool IsOnlyOfName(AgentAddress address) => NamedLike(address.Name) is [var only] && only == address;

    /// <summary>Takes in the new agent, or the new key of an old one, that <see cref="Enrolment"/> writes.</summary>
    public Task<Agent> EnrolAsync(Func<SqliteConnection, Agent> redeem, CancellationToken cancellationToken = default) => _order.WriteAsync(
        redeem,
        agent =>
        {
            _former.TryRemove(agent.Address, out _);
            Put(agent);
            Raise(new AgentChange(AgentChangeKind.Enrolled, agent.Address));
        },
        cancellationToken);

    /// <summary>Removes an agent: its key is good no more and its name is free.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>.</exception>
    public Task RemoveAsync(AgentAddress address, CancellationToken cancellationToken = default) => _order.WriteAsync(
        connection => Delete(connection, AgentStore.Find(connection, address) ?? throw Unknown()),
        ApplyRemoval,
        cancellationToken);

    /// <summary>Removes every agent that a join token enrolled, in one commit.</summary>
    public async Task<IReadOnlyList<AgentAddress>> RemoveOfTokenAsync(string tokenId, CancellationToken cancellationToken = default)
    {
        var removed = await _order.WriteAsync(
            connection => AgentStore.Load(connection).FindAll(agent => agent.TokenId == tokenId).ConvertAll(agent => Delete(connection, agent)),
            all => all.ForEach(ApplyRemoval),
            cancellationToken);
        return removed.ConvertAll(static one => one.Address);
    }

    /// <summary>Gives an agent another name under the same owner.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>, <see cref="ErrorCode.NameTaken"/>, <see cref="ErrorCode.NameInvalid"/>, <see cref="ErrorCode.NameReserved"/>.</exception>
    public async Task<Agent> RenameAsync(AgentAddress address, string name, CancellationToken cancellationToken = default)
    {
        var target = new AgentAddress(address.Owner, Names.CheckNew(name));
        return await _order.WriteAsync(
            connection =>
            {
                var present = AgentStore.Find(connection, address) ?? throw Unknown();
                if (AgentStore.Find(connection, target) is not null)
                {
                    throw new ParleyException(ErrorCode.NameTaken, $"The name '{name}' is in use.");
                }

                var renamed = present with { Address = target };
                AgentStore.Update(connection, renamed);
                AgentStore.AddFormer(connection, present);
                AgentStore.DeleteFormer(connection, target);
                Contacts.Rename(connection, address, target);
                Renaming?.Invoke(connection, address, target);
                return renamed;
            },
            agent =>
            {
                ApplyRename(address, agent);
                Raise(new AgentChange(AgentChangeKind.Renamed, address, target));
            },
            cancellationToken);
    }

    /// <summary>Takes an agent's key away; a join token made for this agent lets a new home take its place.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>.</exception>
    public Task<Agent> ResetKeyAsync(AgentAddress address, CancellationToken cancellationToken = default) =>
        ChangeAsync(address, AgentChangeKind.KeyReset, present => present.WithoutKey() with { KeyAt = _time.GetUtcNow() }, cancellationToken);

    /// <summary>Replaces an agent's labels and visibility.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="labels">All labels from now on, or null to keep them.</param>
    /// <param name="visibility">Who may know of it, or null to keep that.</param>
    /// <param name="mayOverrule">Whether labels that the join token enforced may change: an admin's right.</param>
    /// <param name="cancellationToken">Heeded until the write starts.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>, <see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.JoinLabels"/>.</exception>
    public async Task<Agent> SetLabelsAsync(
        AgentAddress address, IReadOnlyDictionary<string, string>? labels, AgentVisibility? visibility, bool mayOverrule, CancellationToken cancellationToken = default)
    {
        Labels.Check(labels ?? new Dictionary<string, string>());
        return await ChangeAsync(
            address,
            AgentChangeKind.LabelsChanged,
            present => present with
            {
                Labels = labels is null ? present.Labels : mayOverrule ? labels : EnforcedLabels.Apply(present.EnforcedLabels, labels),
                Visibility = visibility ?? present.Visibility,
            },
            cancellationToken);
    }

    /// <summary>Says how long an agent's tasks are kept; null: as long as the hub's option says.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>.</exception>
    public Task<Agent> SetTaskRetentionAsync(AgentAddress address, TimeSpan? retention, CancellationToken cancellationToken = default) =>
        ChangeAsync(address, AgentChangeKind.LabelsChanged, present => present with { TaskRetention = retention }, cancellationToken);

    /// <summary>Tells that something which another module keeps about an agent changed: its card, what its listener can do.</summary>
    public void Touch(AgentAddress address) => Raise(new AgentChange(AgentChangeKind.LabelsChanged, address));

    /// <summary>Reads one agent anew, because another node of this hub changed it.</summary>
    public Task ReloadAsync(AgentAddress address, CancellationToken cancellationToken = default) => _order.ReadAsync(
        connection => (AgentStore.Find(connection, address), AgentStore.FindFormer(connection, address)),
        found => ApplyReload(address, found.Item1, found.Item2),
        cancellationToken);

    private static ParleyException Unknown() => new(ErrorCode.AgentUnknown, "There is no such agent for you.");

    private (AgentAddress Address, Action? Then) Delete(SqliteConnection connection, Agent agent)
    {
        AgentStore.Delete(connection, agent);
        Contacts.Rename(connection, agent.Address, null);
        return (agent.Address, Removing?.Invoke(connection, agent.Address));
    }

    /// <summary>A removal in memory, after its commit.</summary>
    private void ApplyRemoval((AgentAddress Address, Action? Then) removed)
    {
        Drop(removed.Address);
        _contacts.ApplyRename(removed.Address, null);
        Raise(new AgentChange(AgentChangeKind.Revoked, removed.Address));
        removed.Then?.Invoke();
    }

    private void ApplyReload(AgentAddress address, Agent? after, Agent? renamed)
    {
        var before = Find(address);
        if (after is null)
        {
            if (before is not null && renamed?.Id == before.Id)
            {
                ApplyRename(address, renamed);
                Raise(new AgentChange(AgentChangeKind.Renamed, address, renamed.Address, IsFromElsewhere: true));
            }
            else if (before is not null)
            {
                Drop(address);
                Raise(new AgentChange(AgentChangeKind.Revoked, address, IsFromElsewhere: true));
            }

            return;
        }

        Put(after);
        var isKeyChanged = before is not null && !before.PublicKey.AsSpan().SequenceEqual(after.PublicKey);
        var kind = before is null ? AgentChangeKind.Enrolled : isKeyChanged ? AgentChangeKind.KeyReset : AgentChangeKind.LabelsChanged;
        Raise(new AgentChange(kind, address, IsFromElsewhere: true));
    }

    /// <summary>A rename in memory, after its commit.</summary>
    private void ApplyRename(AgentAddress former, Agent agent)
    {
        Drop(former);
        _former.TryRemove(agent.Address, out _);
        _former[former] = agent.Id;
        Put(agent);
        _contacts.ApplyRename(former, agent.Address);
    }

    private bool MaySee(Principal caller, Agent agent, ApiScopes anyOf) =>
        Knows(caller, agent) && AccessPolicy.MaySee(caller, agent, caller.Owner is { } owner && _contacts.IsAccepted(owner, agent.Address), anyOf, IsHost(caller, agent));

    private bool IsHost(Principal caller, Agent agent) => agent.Visit is { } visit && caller.Agent is { } address && Find(address)?.Id == visit.HostId;

    // A visitor is nobody to all but its host, and knows nobody else.
    private bool Knows(Principal caller, Agent agent) =>
        caller.Agent is { } address && Find(address) is { } self
            ? self.Id == agent.Id || VisitorRules.MayMeet(self, agent)
            : agent.Visit is null || caller.Role == Role.Admin;

    // A guest has no owner whose agents could be meant: for guests a bare name is the only public agent of that name.
    private bool MayMean(Principal caller, AgentAddress candidate) => caller switch
    {
        { Owner: { } owner } => _contacts.IsAccepted(owner, candidate),
        { Role: Role.Guest } => Find(candidate) is { Visibility: AgentVisibility.Public },
        _ => caller.Role == Role.Admin,
    };

    private Task<Agent> ChangeAsync(AgentAddress address, AgentChangeKind kind, Func<Agent, Agent> change, CancellationToken cancellationToken) => _order.WriteAsync(
        connection =>
        {
            var changed = change(AgentStore.Find(connection, address) ?? throw Unknown());
            AgentStore.Update(connection, changed);
            return changed;
        },
        agent =>
        {
            Put(agent);
            Raise(new AgentChange(kind, address));
        },
        cancellationToken);

    private AgentAddress[] NamedLike(string name)
    {
        lock (_byName)
        {
            return _byName.GetValueOrDefault(name) ?? [];
        }
    }

    private void Put(Agent agent)
    {
        lock (_byName)
        {
            _agents[agent.Address] = agent;
            _byId[agent.Id] = agent.Address;
            if (agent.Visit is not null)
            {
                _visitors[agent.Id] = agent;
            }

            var present = _byName.GetValueOrDefault(agent.Address.Name) ?? [];
            if (!present.Contains(agent.Address))
            {
                _byName[agent.Address.Name] = [.. present, agent.Address];
            }
        }
    }

    private void Drop(AgentAddress address)
    {
        lock (_byName)
        {
            if (_agents.TryRemove(address, out var gone))
            {
                _byId.TryRemove(KeyValuePair.Create(gone.Id, address));
                _visitors.TryRemove(gone.Id, out _);
            }

            var rest = Array.FindAll(_byName.GetValueOrDefault(address.Name) ?? [], other => other != address);
            if (rest.Length == 0)
            {
                _byName.Remove(address.Name);
            }
            else
            {
                _byName[address.Name] = rest;
            }
        }
    }

    private void Raise(AgentChange change)
    {
        Interlocked.Increment(ref _version);
        Changed?.Invoke(change);
    }
}
