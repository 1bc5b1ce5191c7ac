using Microsoft.Extensions.Logging.Abstractions;
using Parley.Hub.Connections.Outbox;
using Parley.Hub.Storage;
using Parley.Sqlite;
using Parley.Testing;

namespace Parley.Tests.Connections;

public sealed class DeliveryLeasesTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly SqliteStore _store =
        SqliteStore.Open(new SqliteStoreOptions { Durability = Durability.Memory }, HubSchema.Migrations, NullLogger.Instance, TimeProvider.System);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task One_node_has_a_connection_and_keeps_it_while_it_beats()
    {
        var (first, second) = (Node(1), Node(2));

        Assert.True(await first.TryTakeAsync("c"));
        for (var step = 0; step < 20; step++)
        {
            Assert.False(await second.TryTakeAsync("c"));
            _time.Advance(DeliveryLeases.Step);
            await first.BeatAsync();
        }

        Assert.True(first.Holds("c"));
        Assert.False(second.Holds("c"));
        Assert.True(await second.TryTakeAsync("other"));
    }

    [Fact]
    public async Task A_node_that_is_silent_loses_it_and_learns_so()
    {
        var (first, second) = (Node(1), Node(2));
        await first.TryTakeAsync("c");
        await second.TryTakeAsync("c");

        _time.Advance(DeliveryLeases.Length - TimeSpan.FromSeconds(1));
        var early = await second.TryTakeAsync("c");
        var held = first.Holds("c");
        _time.Advance(TimeSpan.FromSeconds(1));
        var late = await second.TryTakeAsync("c");
        await first.BeatAsync();

        Assert.Equal((false, false, true), (early, held, late));
        Assert.False(first.Holds("c"));
        Assert.False(await first.TryTakeAsync("c"));
    }

    [Fact]
    public async Task A_beat_in_between_begins_the_silence_anew()
    {
        var (first, second) = (Node(1), Node(2));
        await first.TryTakeAsync("c");
        await second.TryTakeAsync("c");
        _time.Advance(TimeSpan.FromSeconds(20));
        await first.BeatAsync();
        await second.TryTakeAsync("c");

        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.False(await second.TryTakeAsync("c"));
    }

    [Fact]
    public async Task What_a_node_lets_go_of_another_has_at_once()
    {
        var (first, second) = (Node(1), Node(2));
        await first.TryTakeAsync("c");

        await first.ReleaseAsync();

        Assert.True(await second.TryTakeAsync("c"));
        Assert.False(first.Holds("c"));
    }

    [Fact]
    public async Task Set_clocks_change_nothing()
    {
        var (first, second) = (Node(1), Node(2));
        await first.TryTakeAsync("c");
        await second.TryTakeAsync("c");

        _time.Jump(TimeSpan.FromDays(1));
        var ahead = await second.TryTakeAsync("c");
        _time.Jump(TimeSpan.FromDays(-2));

        Assert.Equal((false, false, true), (ahead, await second.TryTakeAsync("c"), first.Holds("c")));
    }

    [Fact]
    public async Task A_hub_that_is_alone_has_all_of_them()
    {
        var alone = new DeliveryLeases(_store, false, SeededRandom.Source(1), _time);

        Assert.True(await alone.TryTakeAsync("c") && alone.Holds("c") && alone.Holds("other"));
        Assert.True(await Node(2).TryTakeAsync("c"));
    }

    [Fact]
    public void A_steady_clock_follows_steps_ahead_and_none_back()
    {
        var clock = new SteadyClock(_time);
        var start = clock.Now;

        _time.Jump(TimeSpan.FromHours(-1));
        _time.Advance(TimeSpan.FromSeconds(10));
        var after = clock.Now;
        _time.Jump(TimeSpan.FromHours(3));

        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromHours(2) + TimeSpan.FromSeconds(10)), (after - start, clock.Now - start));
    }

    private DeliveryLeases Node(int seed) => new(_store, true, SeededRandom.Source(seed), _time);
}
