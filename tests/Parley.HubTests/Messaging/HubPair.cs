using Microsoft.Extensions.Logging;
using Parley.Hub;
using Parley.Hub.Backplane;
using Parley.Hub.Identity;
using Parley.Hub.Storage;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.HubTests.Messaging;

/// <summary>The hub of one test: one node, or two that share a store and a backplane.</summary>
internal sealed class HubPair : IAsyncDisposable
{
    private readonly SqliteStore? _store;

    private HubPair(HubFixture near, HubFixture far, SqliteStore? store) => (Near, Far, _store) = (near, far, store);

    /// <summary>Where senders attach.</summary>
    public HubFixture Near { get; }

    /// <summary>Where listeners attach.</summary>
    public HubFixture Far { get; }

    /// <summary>One node for both.</summary>
    public static async Task<HubPair> OfOneAsync(Action<HubOptions> configure, TimeProvider? time = null)
    {
        var hub = await HubFixture.StartAsync(configure, time);
        return new HubPair(hub, hub, null);
    }

    /// <summary>A node for each.</summary>
    public static async Task<HubPair> OfTwoAsync(Action<HubOptions> configure, TimeProvider? time = null)
    {
        var log = new LogSink();
        var folder = Directory.CreateTempSubdirectory("parley-test-").FullName;
        var store = SqliteStore.Open(
            new SqliteStoreOptions { File = Path.Combine(folder, "parley.db"), Durability = Durability.Normal },
            HubSchema.Migrations, log.Factory.CreateLogger("store"), TimeProvider.System);
        var parts = new HubParts(store, new MemoryBackplane());
        var near = await HubFixture.StartNodeAsync(null, parts, configure, time);
        return new HubPair(near, await HubFixture.StartNodeAsync(near, parts, configure, time), store);
    }

    /// <summary>Enrols an agent that both nodes know.</summary>
    public async Task<EnrolledAgent> EnrolAsync(string name, string owner = "acme")
    {
        var agent = await Near.EnrolAsync(name, owner);
        await Deadline.UntilAsync(() => Far.Get<AgentRegistry>().Find(agent.Address) is not null, "the other node to know the agent");
        return agent;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Far != Near)
        {
            await Far.DisposeAsync();
        }

        await Near.DisposeAsync();
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }
}
