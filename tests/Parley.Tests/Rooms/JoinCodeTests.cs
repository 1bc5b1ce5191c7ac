using Parley.Hub.Rooms;

namespace Parley.Tests.Rooms;

public sealed class JoinCodeTests
{
    private readonly OpenRoom _room = new(new RoomKit().Room, "room_0");

    [Fact]
    public async Task Of_a_hundred_at_once_one_spends_it()
    {
        for (var round = 0; round < 5; round++)
        {
            var code = new JoinCode(_room, null);
            using var barrier = new Barrier(100);

            var won = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    return code.TryRedeem(TimeSpan.Zero);
                },
                TaskCreationOptions.LongRunning)));

            Assert.Single(won, isWon => isWon);
        }
    }

    [Fact]
    public void It_is_good_once()
    {
        var code = new JoinCode(_room, null);

        Assert.True(code.TryRedeem(TimeSpan.Zero));
        Assert.False(code.TryRedeem(TimeSpan.Zero));
    }

    [Fact]
    public void It_ends_at_its_time() => Assert.False(new JoinCode(_room, TimeSpan.FromSeconds(10)).TryRedeem(TimeSpan.FromSeconds(10)));

    [Fact]
    public void One_that_was_made_void_is_worth_nothing()
    {
        var code = new JoinCode(_room, null);

        code.Void();

        Assert.False(code.TryRedeem(TimeSpan.Zero));
    }
}
