using System.Collections.Concurrent;
using Parley.Client.Messaging;
using Parley.EndToEndTests.Cli;
using Parley.EndToEndTests.Responders;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.EndToEndTests.A2a;

/// <summary>A hub that is killed with -9 amid many sends, again and again, and started on its data: nothing is lost, nothing is handled twice.</summary>
[Collection(nameof(RealProcesses))]
public sealed class KilledHubTests
{
    private static readonly int _pairs = Requires.IsLongRun ? 20 : 8;
    // 5,000 in all in the long run, 1,600 otherwise.
    private static readonly int _sendsEach = Requires.IsLongRun ? 250 : 80;
    private const int AtOnce = 8;
    private static readonly double[] _killedAt = [0.2, 0.4, 0.6];
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Every_message_is_handled_once_and_answered()
    {
        await using var hub = await HubProcess.StartAsync("--pair-rate", "0");
        var handler = new HandledOnce(hub.Data);
        await using var agents = await RealAgents.OfAsync(hub);
        var senders = await Task.WhenAll(Enumerable.Range(0, _pairs).Select(pair => ArrangePairAsync(agents, handler, pair)));

        var sending = senders.Select((sender, pair) => SendAllAsync(sender, pair)).ToList();
        foreach (var share in _killedAt)
        {
            await handler.UntilAsync((int)(_pairs * _sendsEach * share), _patience);
            hub.Process.Kill();
            await hub.RestartAsync();
        }

        var results = (await Task.WhenAll(sending)).SelectMany(result => result).ToList();
        var handled = handler.Times();

        Assert.Equal(_pairs * _sendsEach, results.Count);
        Assert.All(handled, entry => Assert.True(entry.Value == 1, $"{entry.Key} was handled {entry.Value} times"));
        Assert.All(results, result => Assert.True(result.Result.Reply is not null, $"{result.Text}: {result.Result.Status} {result.Result.Error?.Message}"));
        Assert.All(results, result => Assert.Equal(result.Text, result.Result.Reply!.Content.ToStringUtf8()));
        Assert.All(results, result => Assert.True(handled.ContainsKey(result.Text)));
    }

    private static async Task<Sender> ArrangePairAsync(RealAgents agents, HandledOnce handler, int pair)
    {
        await agents.EnrolAsync($"s{pair}");
        await agents.EnrolAsync($"r{pair}");
        await agents.ListenAsync($"r{pair}", "--exec", handler.Program);
        return await agents.SenderAsync($"s{pair}");
    }

    private static async Task<List<(string Text, SendResult Result)>> SendAllAsync(Sender sender, int pair)
    {
        var results = new ConcurrentBag<(string, SendResult)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, _sendsEach),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, cancellationToken) =>
            {
                var text = $"{pair}-{number}";
                var request = TestSender.Text(text) with { Timeout = _patience };
                results.Add((text, await sender.SendAsync($"r{pair}", request with { Type = MessageType.Command }, null, cancellationToken)));
            });
        return [.. results];
    }
}
