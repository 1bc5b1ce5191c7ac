using Parley.Hub.Rooms;
using Parley.Testing;

namespace Parley.HubTests.Rooms;

public sealed class RoomScaleTests
{
    private const int Rooms = 10_000;
    private const int Waits = 1_000;

    [Fact]
    public async Task Two_talk_beside_ten_thousand_idle_rooms_of_which_each_gets_its_own_message_later()
    {
        await using var http = await RoomHttp.StartAsync();
        var (host, joiner) = await http.PairAsync();
        var rooms = http.Hub.Get<RoomService>();
        var idle = Enumerable.Range(0, Rooms).Select(_ =>
        {
            var opened = rooms.SetUp("192.0.2.1", RoomKind.Standard, false);
            return (Host: opened.Token!, Joiner: rooms.RegisterAndJoin("192.0.2.1", opened.Code).Token!);
        }).ToList();

        for (var turn = 0; turn < 50; turn++)
        {
            await http.SendAsync(host, $"A message that is long enough not to be taken for a courtesy, number {turn}.");
            Assert.Contains($"number {turn}.", (await http.WaitAsync(joiner)).Body);
        }

        Assert.Equal(Rooms + 1, rooms.Count);
        rooms.Send(idle[^1].Joiner, "still there");
        using var joined = await rooms.WaitAsync(idle[^1].Host, CancellationToken.None);
        joined!.Confirm();
        Assert.Contains("still there", (await http.WaitAsync(idle[^1].Host)).Body);
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
}
