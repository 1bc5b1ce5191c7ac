using System.Collections.Concurrent;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>Links that are cut in the middle of frames, on either side of the hub.</summary>
public sealed class CutLinkTests
{
    private const int AtOnce = 8;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(LinkKind.Grpc), 1)]
    [InlineData(nameof(LinkKind.WebSocket), 2)]
    public Task Nothing_is_lost_or_handled_twice_when_the_link_is_cut_in_the_middle_of_frames(string kind, int seed) => SendThroughCutsAsync(kind, seed, 160, 8);

    [Theory]
    [InlineData(nameof(LinkKind.Grpc), 10)]
    [InlineData(nameof(LinkKind.Grpc), 20)]
    [InlineData(nameof(LinkKind.WebSocket), 30)]
    [InlineData(nameof(LinkKind.WebSocket), 40)]
    public Task Nothing_is_lost_or_handled_twice_over_many_cuts(string kind, int seed)
    {
        Requires.LongRun();
        return SendThroughCutsAsync(kind, seed, 2000, 60);
    }

    private static async Task SendThroughCutsAsync(string kindName, int seed, int messages, int cuts)
    {
        var kind = Enum.Parse<LinkKind>(kindName);
        await using var hub = await HubFixture.StartAsync(options => options.Messaging.PairRatePerSecond = 0);
        var address = kind == LinkKind.Grpc ? hub.Hub.Grpc : hub.Hub.Http;
        await using var near = new CuttingProxy(() => address, seed, 200, 200_000, cuts);
        await using var far = new CuttingProxy(() => address, seed + 1000, 200, 200_000, cuts);
        var handled = new ConcurrentDictionary<string, int>();
        var bob = await hub.EnrolAsync("bob");
        hub.Reroute = _ => far.Address;
        await hub.ConnectListenerAsync(
            bob,
            DelegateResponder.OfText((request, _) => Task.FromResult($"{Name(request.Content.Bytes.Span)} {handled.AddOrUpdate(Name(request.Content.Bytes.Span), 1, (_, times) => times + 1)}")),
            new ListenSetup { Kind = kind, Concurrency = AtOnce },
            Stop);
        hub.Reroute = _ => near.Address;
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), kind, Stop);

        var results = new ConcurrentBag<(string Name, SendResult Result)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, messages),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop },
            async (number, cancellationToken) => results.Add(($"{number}", await sender.SendAsync("bob", Request(number), cancellationToken))));

        Assert.True(near.Cuts >= cuts / 2 && far.Cuts >= cuts / 2, $"Only {near.Cuts} and {far.Cuts} links were cut.");
        Assert.Equal(messages, results.Count);
        Assert.All(results, item => Assert.Equal($"{item.Name} 1", TestSender.TextOf(item.Result)));
        Assert.Equal(messages, handled.Count);
        Assert.All(handled, entry => Assert.Equal(1, entry.Value));
    }

    /// <summary>Every eighth is large enough to go in chunks.</summary>
    private static SendRequest Request(int number)
    {
        var text = $"{number}\n{new string('.', number % 8 == 0 ? 100_000 : number)}";
        return new SendRequest(new Message { Content = ByteString.CopyFromUtf8(text) }, MessageType.Auto);
    }

    private static string Name(ReadOnlySpan<byte> content) => System.Text.Encoding.UTF8.GetString(content[..content.IndexOf((byte)'\n')]);
}
