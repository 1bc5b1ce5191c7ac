using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Net;
using Parley.Gateway.Wire.V1;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Sqlite;
using Task = System.Threading.Tasks.Task;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>The agents that callers may call, and their cards. All of it is in memory; a change goes to the store first.</summary>
internal sealed class AgentCards : IAgentCards
{
    // Cards differ by the address under which the hub was called, and callers choose that: a full table starts anew.
    private const int MaxServed = 4096;

    /// <summary>Either makes an agent known to a caller who may call it or read about it.</summary>
    private const ApiScopes AnyOf = ApiScopes.AgentsRead | ApiScopes.Messages;

    private static readonly FrozenSet<string> _nothing = [];

    private readonly ConcurrentDictionary<long, StoredCard> _stored = new();
    private readonly ConcurrentDictionary<long, FrozenSet<string>> _capabilities = new();
    private readonly ConcurrentDictionary<(AgentAddress Agent, string Base, bool IsExtended), ServedCard> _served = new();
    private readonly AgentRegistry _agents;
    private readonly SqliteStore _store;
    private readonly CardSigner _signer;
    private readonly HubAddresses _addresses;
    private readonly TimeProvider _time;
    private readonly string? _defaultAgent;

    /// <summary>Cards of one hub.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="store">A store that has the tables.</param>
    /// <param name="signer">Signs them.</param>
    /// <param name="addresses">Where the hub is reached.</param>
    /// <param name="time">The clock.</param>
    /// <param name="defaultAgent">The agent that is meant when none is named; null for none.</param>
    public AgentCards(AgentRegistry agents, SqliteStore store, CardSigner signer, HubAddresses addresses, TimeProvider time, string? defaultAgent) =>
        (_agents, _store, _signer, _addresses, _time, _defaultAgent) = (agents, store, signer, addresses, time, defaultAgent);

    /// <summary>Reads all from the store; called once, before the doors open.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        foreach (var (id, card) in await _store.ReadAsync(CardStore.LoadCards, cancellationToken))
        {
            _stored[id] = card;
        }

        foreach (var (id, capabilities) in await _store.ReadAsync(CardStore.LoadListeners, cancellationToken))
        {
            _capabilities[id] = capabilities;
        }
    }

    /// <inheritdoc/>
    public AgentAddress Find(Principal caller, string name) =>
        name.Length > 0 ? _agents.FindVisible(caller, name, AnyOf).Address : FindDefault(caller);

    /// <inheritdoc/>
    public IReadOnlyList<AgentAddress> VisibleTo(Principal caller) => [.. _agents.VisibleTo(caller, AnyOf).Select(agent => agent.Address)];

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended) => Serve(agent, isExtended, _addresses.Http).Card;

    /// <inheritdoc/>
    public AgentCard CardOf(AgentAddress agent, bool isExtended, Uri baseUrl) => Serve(agent, isExtended, baseUrl).Card;

    /// <inheritdoc/>
    public IReadOnlySet<string> CapabilitiesOf(AgentAddress agent) => _agents.Find(agent) is { } known ? CapabilitiesOf(known.Id) : _nothing;

    /// <summary>What the agent uploaded, if anything.</summary>
    public StoredCard? UploadedBy(AgentAddress agent) => _agents.Find(agent) is { } known ? _stored.GetValueOrDefault(known.Id) : null;

    /// <summary>The card in the forms in which it is served.</summary>
    /// <param name="agent">An agent that <see cref="Find"/> gave.</param>
    /// <param name="isExtended">With what only authenticated callers see.</param>
    /// <param name="baseUrl">The address under which the caller reached the hub.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>: gone meanwhile.</exception>
    public ServedCard Serve(AgentAddress agent, bool isExtended, Uri baseUrl)
    {
        var known = _agents.Find(agent) ?? throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");
        var (stored, capabilities) = (_stored.GetValueOrDefault(known.Id), CapabilitiesOf(known.Id));
        var key = (agent, baseUrl.GetLeftPart(UriPartial.Authority), isExtended);
        if (_served.TryGetValue(key, out var served) && served.Agent == known && served.Stored == stored && ReferenceEquals(served.Capabilities, capabilities))
        {
            return served;
        }

        var url = new Uri(baseUrl, $"/agents/{agent}");
        var isDefault = _defaultAgent is not null && FindDefaultOrNone() == agent;
        var card = CardBuilder.Build(known, stored?.Card, capabilities, url, GrpcFor(baseUrl), isDefault, isExtended);
        _signer.Sign(card, baseUrl);
        if (_served.Count >= MaxServed)
        {
            _served.Clear();
        }

        return _served[key] = new ServedCard(known, stored, capabilities, card, _time.GetUtcNow());
    }

    /// <summary>Keeps the card that an agent says of itself; it is served from now on, also while the agent is offline.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentUnknown"/>: gone meanwhile.</exception>
    public async Task PutAsync(AgentAddress agent, AgentCard card, CancellationToken cancellationToken)
    {
        var id = IdOf(agent);
        if (_stored.TryGetValue(id, out var present) && present.Card.Equals(card))
        {
            return;
        }

        var stored = new StoredCard(card, DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()));
        if (!await _store.WriteAsync(connection => CardStore.Put(connection, id, stored), cancellationToken))
        {
            throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");
        }

        _stored[id] = stored;
        _agents.Touch(agent);
    }

    /// <summary>Forgets the card that an agent uploaded: the one that the hub makes is served again.</summary>
    public async Task ResetAsync(AgentAddress agent, CancellationToken cancellationToken)
    {
        var id = IdOf(agent);
        await _store.WriteAsync(connection => CardStore.Delete(connection, id), cancellationToken);
        _stored.TryRemove(id, out _);
        _agents.Touch(agent);
    }

    /// <summary>Remembers what a listener that attached can do.</summary>
    public async Task RememberAsync(AgentAddress agent, IReadOnlyCollection<string> capabilities, CancellationToken cancellationToken)
    {
        if (_agents.Find(agent) is not { } known || CapabilitiesOf(known.Id).SetEquals(capabilities))
        {
            return;
        }

        var words = capabilities.ToFrozenSet(StringComparer.Ordinal);
        await _store.WriteAsync(connection => CardStore.PutListener(connection, known.Id, words), cancellationToken);
        _capabilities[known.Id] = words;
        _agents.Touch(agent);
    }

    /// <summary>Reads anew what is kept about an agent, because another node of this hub changed it.</summary>
    public async Task ReloadAsync(AgentAddress agent, CancellationToken cancellationToken = default)
    {
        if (_agents.Find(agent) is not { } known)
        {
            return;
        }

        var (card, listener) = await _store.ReadAsync(connection => (CardStore.FindCard(connection, known.Id), CardStore.FindListener(connection, known.Id)), cancellationToken);
        Set(_stored, known.Id, card);
        Set(_capabilities, known.Id, listener);
    }

    /// <summary>Forgets what belongs to agents that are gone; the store has done so in the commit that removed them.</summary>
    public void ForgetGone()
    {
        var present = _agents.Ids();
        foreach (var id in _stored.Keys.Concat(_capabilities.Keys).Where(id => !present.Contains(id)).ToList())
        {
            _stored.TryRemove(id, out _);
            _capabilities.TryRemove(id, out _);
        }

        _served.Clear();
    }

    private static void Set<T>(ConcurrentDictionary<long, T> table, long id, T? value)
        where T : class
    {
        if (value is null)
        {
            table.TryRemove(id, out _);
        }
        else
        {
            table[id] = value;
        }
    }

    private FrozenSet<string> CapabilitiesOf(long id) => _capabilities.GetValueOrDefault(id) ?? _nothing;

    private long IdOf(AgentAddress agent) => _agents.Find(agent)?.Id ?? throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");

    private AgentAddress FindDefault(Principal caller)
    {
        var agent = FindDefaultOrNone() ?? throw new ParleyException(
            ErrorCode.AgentUnknown, "This hub has no default agent: name one, or whoever runs the hub sets one with --default-agent.");
        return _agents.FindVisible(caller, agent.ToString(), AnyOf).Address;
    }

    // The operator's word, so it is read as an admin's: the agent may come later, and a bare name does where it is the only one.
    private AgentAddress? FindDefaultOrNone()
    {
        try
        {
            return _defaultAgent is null ? null : _agents.Resolve(Principal.Admin, _defaultAgent);
        }
        catch (ParleyException exception) when (exception.Code is ErrorCode.AgentUnknown or ErrorCode.AgentAmbiguous)
        {
            return null;
        }
    }

    /// <summary>Where a caller who reached the hub under an address finds its gRPC door. Null where only this machine does.</summary>
    private Uri? GrpcFor(Uri baseUrl)
    {
        if (_addresses.Grpc.Authority == _addresses.Http.Authority)
        {
            return baseUrl;
        }

        var grpc = _addresses.Grpc.Host == _addresses.Http.Host ? new UriBuilder(_addresses.Grpc) { Host = baseUrl.Host }.Uri : _addresses.Grpc;
        return IsLoopback(grpc) && !IsLoopback(baseUrl) ? null : grpc;
    }

    private static bool IsLoopback(Uri url) => url.Host == "localhost" || (IPAddress.TryParse(url.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
