using Parley.Hub.Identity.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Identity;
using Parley.Hub.Storage;
using Parley.Protocol.Identity;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Hub;

/// <summary>The identity module over a store in memory and a clock that stands still.</summary>
internal sealed class IdentityKit : IAsyncDisposable
{
    public const string HubId = "hub-aaaaaaaaaaaaaaaa";

    public const int MaxPending = 20;

    public IdentityKit(SqliteStore? store = null)
    {
        Store = store ?? SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);
        var order = new CommitOrder(Store);
        Contacts = new Contacts(Store, order, Time, MaxPending);
        Agents = new AgentRegistry(Store, order, Contacts, Time);
        Tokens = new JoinTokens(Store, Agents, Time, SeededRandom.Source(1));
        Keys = new ApiKeys(Store, Time, SeededRandom.Source(2));
        Audit = new Audit(Store, Time);
        Enrolment = new Enrolment(Agents, new HubKey(HubId, null, null), Time, SeededRandom.Source(3));
    }

    public FakeTimeProvider Time { get; } = new();

    public SqliteStore Store { get; }

    public Contacts Contacts { get; }

    public AgentRegistry Agents { get; }

    public JoinTokens Tokens { get; }

    public ApiKeys Keys { get; }

    public Audit Audit { get; }

    public Enrolment Enrolment { get; }

    public static JoinTokenWish Wish(string owner = "local", string? labels = null, long? maxAgents = null, long? maxUses = null, TimeSpan? lifetime = null) =>
        new(owner, Labels.Parse(labels), maxAgents, maxUses, lifetime);

    /// <summary>Enrols an agent with a token of its own.</summary>
    public async Task<Agent> AddAsync(string owner, string name, string? labels = null)
    {
        var (_, secret) = await Tokens.CreateAsync(Wish(owner), "admin");
        return await JoinAsync(secret, name, labels);
    }

    /// <summary>Enrols an agent with a token.</summary>
    public async Task<Agent> JoinAsync(string secret, string name, string? labels = null)
    {
        using var keys = new ApiAgent();
        return await Enrolment.EnrolAsync(keys.Request(HubId, secret, name, Time.GetUtcNow(), labels: labels), [], "test");
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
