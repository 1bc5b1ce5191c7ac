using Parley.Testing.Network;

namespace Parley.Tests.WebRtc.Connections;

/// <summary>Networks drawn by chance: whatever they do, a connection comes up, carries data both ways unchanged, survives a restart and ends in order.</summary>
public sealed class PeerConnectionSeedTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(100, int.TryParse(Environment.GetEnvironmentVariable("PARLEY_SEEDS"), out var count) ? count : 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_network_drawn_by_chance_changes_nothing_but_the_time(int seed)
    {
        var random = new Random(seed);
        var quality = new LinkQuality(TimeSpan.FromMilliseconds(random.Next(1, 80)))
        {
            Loss = random.NextDouble() * 0.05,
            Duplication = random.NextDouble() * 0.05,
            Jitter = TimeSpan.FromMilliseconds(random.Next(20)),
            MaxDatagramBytes = random.Next(2) == 0 ? 1500 : int.MaxValue,
        };
        using var pair = ConnectionPair.Connected(seed, Draw(random), Draw(random), quality);
        var (messages, hash) = ConnectionPair.Flow(seed, 1_000_000, random.Next(1, 100_000));
        var (back, backHash) = ConnectionPair.Flow(seed + 1, 300_000, random.Next(1, 20_000));
        (pair.Left.KeepsMessages, pair.Right.KeepsMessages) = (false, false);

        pair.Left.Say(pair.Open(), messages);
        pair.Right.Say(pair.Theirs(), back);
        pair.Internet.Run(TimeSpan.FromMilliseconds(random.Next(3000)));
        var (one, other) = random.Next(2) == 0 ? (pair.Left, pair.Right) : (pair.Right, pair.Left);
        one.Do(connection => connection.Restart(pair.Internet.Now));
        PeerHost.Offer(one, other);

        Assert.True(pair.Internet.RunUntil(() => pair.Right.ReceivedBytes == 1_000_000 && pair.Left.ReceivedBytes == 300_000, TimeSpan.FromMinutes(20)), pair.Describe());
        pair.Internet.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(hash, pair.Right.Hash());
        Assert.Equal(backHash, pair.Left.Hash());
        other.Do(connection => connection.Close(pair.Internet.Now));
        Assert.True(pair.Internet.RunUntil(() => pair.Left.Connection.IsDone && pair.Right.Connection.IsDone, TimeSpan.FromMinutes(1)), pair.Describe());
    }

    private static NatKind? Draw(Random random) => random.Next(4) == 0
        ? null
        : new NatKind((NatBehaviour)random.Next(3), (NatBehaviour)random.Next(3));
}
