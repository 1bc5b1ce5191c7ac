using Parley.Hub.Rooms;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Rooms;

public sealed class RoomConcurrencyTests
{
    private const int Messages = 3000;

    private readonly RoomServiceKit _kit = new();

    [Fact]
    public async Task Two_seats_that_write_at_once_and_read_with_broken_waits_lose_nothing()
    {
        var (host, joiner) = await _kit.PairAsync();

        var writing = new[] { Task.Run(() => WriteAsync(host)), Task.Run(() => WriteAsync(joiner)) };
        var reading = await Task.WhenAll(Task.Run(() => ReadAsync(host, 51)), Task.Run(() => ReadAsync(joiner, 52)));
        await Task.WhenAll(writing);

        Assert.All(reading, got => Assert.Equal(Enumerable.Range(0, Messages).Select(TextOf), got));
        Assert.Equal((0L, 0L), (_kit.Rooms.Meter.Items, _kit.Rooms.Meter.OpenWaits));
    }

    private static string TextOf(int number) => $"Message {number} with so many words that nobody takes it for a courtesy.";

    private async Task WriteAsync(string token)
    {
        for (var number = 0; number < Messages;)
        {
            try
            {
                _kit.Rooms.Send(token, TextOf(number));
                number++;
            }
            catch (ParleyException refusal) when (refusal.Code == ErrorCode.RoomInboxFull)
            {
                await Task.Yield();
            }
        }
    }

    private async Task<List<string>> ReadAsync(string token, int seed)
    {
        var (random, got) = (new Random(seed), new List<string>());
        while (got.Count < Messages)
        {
            using var patience = new CancellationTokenSource();
            var waiting = _kit.Rooms.WaitAsync(token, patience.Token);
            if (random.Next(4) == 0)
            {
                await patience.CancelAsync();
            }

            try
            {
                using var delivery = (await waiting.WaitAsync(Deadline.Shared))!;
                if (random.Next(4) > 0)
                {
                    got.Add(RoomKit.TextOf(delivery.Item));
                    delivery.Confirm();
                }
            }
            catch (OperationCanceledException)
            {
            }
        }

        return got;
    }
}
