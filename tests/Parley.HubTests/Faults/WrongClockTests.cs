using Microsoft.Extensions.Logging;
using Parley.Client.Journal;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>Agents whose clocks are hours off, in either direction.</summary>
public sealed class WrongClockTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-7, 7)]
    [InlineData(7, -7)]
    [InlineData(-23, -23)]
    [InlineData(23, 23)]
    public async Task Agents_join_ask_and_answer(int sendersHours, int listenersHours)
    {
        await using var hub = await HubFixture.StartAsync();
        hub.ClientTime = new ShiftedTime(TimeSpan.FromHours(listenersHours));
        await hub.ConnectListenerAsync(await hub.EnrolAsync("bob"), (_, _) => Task.FromResult("here"), cancellationToken: Stop);
        hub.ClientTime = new ShiftedTime(TimeSpan.FromHours(sendersHours));
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);

        var result = await sender.SendAsync("bob", TestSender.Text("x") with { TimeToLive = TimeSpan.FromMinutes(1) }, Stop);

        Assert.Equal("here", TestSender.TextOf(result));
        Assert.InRange(result.Elapsed, TimeSpan.Zero, Deadline.Shared);
    }

    [Theory]
    [InlineData(-7)]
    [InlineData(7)]
    public async Task A_stored_message_is_neither_too_old_nor_handled_again(int hours)
    {
        await using var hub = await HubFixture.StartAsync();
        hub.ClientTime = new ShiftedTime(TimeSpan.FromHours(hours));
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        await using var journal = SqliteJournal.Open(bob.Home.PathOf("journal.db"), Durability.Normal, hub.ClientTime, hub.Log.Factory.CreateLogger("journal"));
        var runs = 0;

        var held = await sender.SendAsync("bob", TestSender.Text("x") with { TimeToLive = TimeSpan.FromMinutes(1), Waits = false }, Stop);
        await using var listener = await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult($"run {Interlocked.Increment(ref runs)}"), new ListenSetup { Journal = journal }, Stop);
        var result = await sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);
        var forgotten = await journal.PruneAsync(Stop);

        Assert.Equal("run 1", TestSender.TextOf(result));
        Assert.Equal(0, forgotten);
    }

    [Theory]
    [InlineData(-7)]
    [InlineData(7)]
    public async Task A_message_expires_by_the_hubs_clock(int hours)
    {
        await using var hub = await HubFixture.StartAsync();
        hub.ClientTime = new ShiftedTime(TimeSpan.FromHours(hours));
        await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);

        var result = await sender.SendAsync("bob", TestSender.Text("x") with { TimeToLive = TimeSpan.FromMilliseconds(300) }, Stop);

        Assert.Equal(SendStatus.Expired, result.Status);
    }

    [Theory]
    [InlineData(-25)]
    [InlineData(25)]
    public async Task A_clock_that_is_a_day_off_is_named_when_the_agent_joins(int hours)
    {
        await using var hub = await HubFixture.StartAsync();
        hub.ClientTime = new ShiftedTime(TimeSpan.FromHours(hours));

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => hub.EnrolAsync("bob"));

        Assert.Contains("clock", refusal.Message, StringComparison.Ordinal);
    }
}
