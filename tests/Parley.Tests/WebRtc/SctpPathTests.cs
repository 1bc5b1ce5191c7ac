using Parley.Testing.Network;
using Parley.WebRtc.Sctp;

namespace Parley.Tests.WebRtc;

public sealed class SctpPathTests
{
    [Fact]
    public void A_long_path_carries_at_least_half_a_window_each_round_trip()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(25) });

        var rate = RateOf(pair, 40 << 20);

        var bound = (4 << 20) / 0.05;
        Assert.InRange(rate, bound / 2, bound * 1.05);
    }

    [Fact]
    public void One_loss_in_a_hundred_on_a_path_without_a_queue_costs_less_than_half()
    {
        var clean = RateOf(SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5), BytesPerSecond = 10e6, QueueBytes = 1 << 20 }), 10 << 20);
        var lossy = RateOf(SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5), BytesPerSecond = 10e6, QueueBytes = 1 << 20, Loss = 0.01 }), 10 << 20);

        Assert.InRange(lossy, clean / 2, clean * 1.05);
    }

    [Fact]
    public void A_full_queue_is_not_flooded()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(10), BytesPerSecond = 2e6, QueueBytes = 64 << 10 });

        var rate = RateOf(pair, 10 << 20);

        Assert.InRange(rate, 1.8e6, 2e6);
        Assert.InRange(pair.ToB.Lost, 0, pair.ToB.Sent / 20);
    }

    [Fact]
    public void Two_associations_on_one_line_share_it()
    {
        var line = new SharedLine(new PathConditions { Delay = TimeSpan.FromMilliseconds(10), BytesPerSecond = 4e6, QueueBytes = 100 << 10 });

        var (first, second) = line.Run(TimeSpan.FromSeconds(40));

        Assert.InRange(first + second, 0.85 * 4e6 * 40, 4e6 * 40);
        Assert.InRange((double)first / second, 0.4, 2.5);
    }

    [Fact]
    public void Reordering_causes_few_retransmissions()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(2), BytesPerSecond = 5e6, QueueBytes = 8 << 20 });

        RateOf(pair, 10 << 20);

        Assert.InRange(pair.A.Association.Retransmitted, 0, pair.ToB.Sent / 50);
    }

    [Fact]
    public void A_lost_tail_is_repaired_before_the_timeout()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(10) });
        pair.A.Say(1, [1]);
        pair.RunUntil(() => pair.B.ReceivedCount == 1);
        pair.RunFor(TimeSpan.FromSeconds(1));
        var (isDropped, begun) = (false, pair.Now);
        pair.ToB.Drop = _ => !isDropped && (isDropped = true);

        pair.A.Say(1, [2]);
        pair.RunUntil(() => pair.B.ReceivedCount == 2);

        Assert.InRange((pair.Now - begun).TotalMilliseconds, 10, 100);
    }

    [Theory]
    [InlineData(1160, 60_000, int.MaxValue, 60_000)]
    [InlineData(1160, 16_000, 1440, 1432)]
    [InlineData(1160, 60_000, 9000, 8900)]
    [InlineData(1160, 16_000, 1160, 1160)]
    [InlineData(1160, 1160, int.MaxValue, 1160)]
    public void Packets_grow_to_what_the_path_takes(int start, int most, int path, int expected)
    {
        var options = new SctpOptions { StartPacketBytes = start, MaxPacketBytes = most };
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5), MaxPacketBytes = path }, options: options);

        pair.RunFor(TimeSpan.FromSeconds(20));

        Assert.Equal(expected, pair.A.Association.PacketBytes);
        Assert.Equal(expected, pair.B.Association.PacketBytes);
    }

    [Fact]
    public void A_path_that_shrinks_is_noticed_and_messages_still_arrive()
    {
        var options = new SctpOptions { MaxPacketBytes = 9000 };
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5) }, options: options);
        pair.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(9000, pair.A.Association.PacketBytes);

        pair.ToB.Conditions = pair.ToB.Conditions with { MaxPacketBytes = 1400 };
        pair.A.Association.OnPathChanged(pair.Now);
        pair.A.Say(1, new byte[100_000]);
        var arrived = pair.RunUntil(() => pair.B.ReceivedCount == 1, TimeSpan.FromSeconds(5));
        pair.RunFor(TimeSpan.FromSeconds(20));

        Assert.True(arrived);
        Assert.Equal(1352, pair.A.Association.PacketBytes);
    }

    [Fact]
    public void A_silent_peer_is_given_up_by_heartbeats()
    {
        var pair = SctpPair.Connected(new PathConditions { Delay = TimeSpan.FromMilliseconds(5) });
        pair.ToB.Conditions = new PathConditions { Loss = 1 };

        pair.RunFor(TimeSpan.FromMinutes(5));

        Assert.Equal(SctpFailure.NoAnswer, pair.A.Failure);
    }

    [Fact]
    public void A_cable_pulled_for_ten_seconds_only_delays()
    {
        var near = new PathConditions { Delay = TimeSpan.FromMilliseconds(5) };
        var pair = SctpPair.Connected(near);
        for (var i = 0; i < 100; i++)
        {
            pair.A.Say(1, new byte[60_000]);
        }

        pair.RunFor(TimeSpan.FromMilliseconds(12));
        (pair.ToA.Conditions, pair.ToB.Conditions) = (near with { Loss = 1 }, near with { Loss = 1 });
        pair.RunFor(TimeSpan.FromSeconds(10));
        (pair.ToA.Conditions, pair.ToB.Conditions) = (near, near);
        var arrived = pair.RunUntil(() => pair.B.ReceivedCount == 100, TimeSpan.FromSeconds(15));

        Assert.True(arrived);
    }

    private static double RateOf(SctpPair pair, long total)
    {
        pair.B.KeepsMessages = false;
        var begun = pair.Now;
        for (var bytes = 0L; bytes < total; bytes += 64 << 10)
        {
            pair.A.Say(1, new byte[64 << 10]);
        }

        Assert.True(pair.RunUntil(() => pair.B.ReceivedBytes >= total));
        return total / (pair.Now - begun).TotalSeconds;
    }
}
