using System.Security.Cryptography;
using Parley.Testing.Network;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc;

public sealed class SctpTransferTests
{
    public static TheoryData<string, PathConditions, int> Impairments() => new()
    {
        { "none", new PathConditions(), 50 },
        { "delay", new PathConditions { Delay = TimeSpan.FromMilliseconds(25) }, 20 },
        { "jitter", new PathConditions { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(10) }, 5 },
        { "loss 1 %", new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Loss = 0.01 }, 10 },
        { "loss 5 %", new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Loss = 0.05 }, 5 },
        { "loss 20 %", new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Loss = 0.2 }, 1 },
        { "duplication", new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Duplication = 0.1 }, 5 },
        { "reordering", new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Reordering = 0.1 }, 5 },
        { "corruption", new PathConditions { Delay = TimeSpan.FromMilliseconds(5), Corruption = 0.02 }, 5 },
        { "a thin line", new PathConditions { Delay = TimeSpan.FromMilliseconds(10), BytesPerSecond = 1_000_000, QueueBytes = 64 << 10 }, 3 },
        {
            "all of it",
            new PathConditions { Delay = TimeSpan.FromMilliseconds(8), Jitter = TimeSpan.FromMilliseconds(4), Loss = 0.02, Duplication = 0.02, Reordering = 0.02, Corruption = 0.01 },
            3
        },
    };

    [Theory]
    [MemberData(nameof(Impairments))]
    public void Messages_arrive_whole_and_in_order(string impairment, PathConditions conditions, int megabytes)
    {
        var pair = SctpPair.Connected(conditions, seed: 7);
        pair.B.KeepsMessages = false;
        using var sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (bytes, count) = SaySome(pair.A, sent, megabytes << 20);

        var arrived = pair.RunUntil(() => pair.B.ReceivedBytes == bytes, TimeSpan.FromHours(1));

        Assert.True(arrived, $"{impairment}: {pair.B.ReceivedBytes} of {bytes}, {pair.A.Failure} {pair.B.Failure} {pair.A.Association.State}");
        Assert.Equal(count, pair.B.ReceivedCount);
        Assert.Equal(sent.GetCurrentHash(), pair.B.Hash());
    }

    private static (long Bytes, int Count) SaySome(SctpEnd end, IncrementalHash hash, long total)
    {
        var random = new Random(3);
        var (bytes, count) = (0L, 0);
        while (bytes < total)
        {
            var payload = new byte[random.Next(4) switch { 0 => random.Next(1, 100), 1 => random.Next(1, 3000), 2 => 16 << 10, _ => random.Next(1, 200_000) }];
            random.NextBytes(payload);
            hash.AppendData(payload);
            end.Say(1, payload);
            (bytes, count) = (bytes + payload.Length, count + 1);
        }

        return (bytes, count);
    }
}
