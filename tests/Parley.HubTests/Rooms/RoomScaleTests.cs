using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.HubTests.Rooms;

public sealed class RoomScaleTests
{
    private const int Rooms = 10_000;
    private const int Waits = 1_000;

    [Fact]
    public async Task Ten_thousand_idle_rooms_are_in_nobodys_way()
    {
        await using var http = await RoomHttp.StartAsync();
        var (host, joiner) = await http.PairAsync();
        var alone = await TalkAsync(http, host, joiner);

        var rooms = http.Hub.Get<RoomService>();
        for (var number = 0; number < Rooms; number++)
        {
            rooms.RegisterAndJoin("192.0.2.1", rooms.SetUp("192.0.2.1", RoomKind.Standard, false).Code);
        }

        var beside = await TalkAsync(http, host, joiner);

        // A scan of all rooms costs many times this; noise does not.
        Assert.Equal(Rooms + 1, rooms.Count);
        Assert.True(beside < alone * 3, $"{alone} alone, {beside} beside {Rooms} rooms");
    }

    [Fact]
    public async Task A_thousand_waits_are_parked_and_each_gets_its_own_message()
    {
        await using var http = await RoomHttp.StartAsync(options => options.Rooms.WaitLimit = TimeSpan.FromSeconds(60));
        var rooms = http.Hub.Get<RoomService>();
        var pairs = Enumerable.Range(0, Waits).Select(_ =>
        {
            var opened = rooms.SetUp("192.0.2.1", RoomKind.Listener, false);
            return (Joiner: opened.Token!, Host: rooms.RegisterAndJoin("192.0.2.1", opened.Code).Token!);
        }).ToList();
        foreach (var pair in pairs)
        {
            (await rooms.WaitAsync(pair.Joiner, CancellationToken.None))!.Confirm();
        }

        var waiting = pairs.Select(pair => http.WaitAsync(pair.Joiner)).ToList();
        await http.UntilParkedAsync(Waits);
        foreach (var (pair, number) in pairs.Select((pair, number) => (pair, number)))
        {
            rooms.Send(pair.Host, $"for {number} alone");
        }

        var answers = await Task.WhenAll(waiting).WaitAsync(Deadline.Shared);

        Assert.All(answers.Select((answer, number) => (answer, number)), entry => Assert.Contains($"│ for {entry.number} alone\n", entry.answer.Body));
    }

    private static async Task<TimeSpan> TalkAsync(RoomHttp http, string host, string joiner)
    {
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var started = TimeProvider.System.GetTimestamp();
            for (var turn = 0; turn < 200; turn++)
            {
                await http.SendAsync(host, $"A message that is long enough not to be taken for a courtesy, number {turn}.");
                await http.WaitAsync(joiner);
            }

            var elapsed = TimeProvider.System.GetElapsedTime(started);
            best = elapsed < best ? elapsed : best;
        }

        return best;
    }
}
