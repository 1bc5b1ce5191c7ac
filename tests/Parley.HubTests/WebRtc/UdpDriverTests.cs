using System.Buffers.Binary;
using System.Net;
using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.WebRtc.Udp;

namespace Parley.HubTests.WebRtc;

/// <summary>The driver on real sockets of loopback.</summary>
public sealed class UdpDriverTests
{
    public static TheoryData<bool, bool> Ways { get; } = new() { { true, true }, { true, false }, { false, false } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Datagrams_of_all_sizes_arrive_as_they_were_sent(bool isBatched, bool isSegmented)
    {
        await using var left = new DriverEnd(isBatched, isSegmented);
        await using var right = new DriverEnd(isBatched, isSegmented);
        var random = new Random(7);
        int[] sizes = [.. Enumerable.Repeat(1200, 70), 300, .. Enumerable.Repeat(1200, 3), 1, 2, 1200, 9000, 9000, 65_507, .. Enumerable.Repeat(500, 200), 1, 1, 1];
        var sent = sizes.Select(size => Make(random, size)).ToArray();

        left.Say(right, sent);
        await Deadline.UntilAsync(() => right.Count == sent.Length, () => $"{right.Count} of {sent.Length}");

        Assert.Equal(sent.Select(Convert.ToHexString), right.Heard().Select(Convert.ToHexString));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Ten_thousand_datagrams_arrive_when_they_fit_the_buffers(bool isBatched, bool isSegmented)
    {
        const int Total = 10_000;
        const int Window = 100;
        await using var left = new DriverEnd(isBatched, isSegmented);
        await using var right = new DriverEnd(isBatched, isSegmented);
        right.Machine.OnHeard = (bytes, local, remote) => right.Machine.Say(bytes, local, remote);
        var next = 0;
        left.Machine.OnHeard = (_, _, _) => SayNext();

        using (left.Driver.Enter())
        {
            for (var one = 0; one < Window; one++)
            {
                SayNext();
            }
        }

        await Deadline.UntilAsync(() => left.Count == Total, () => $"{left.Count} of {Total}");

        Assert.Equal(Enumerable.Range(0, Total), right.Heard().Select(bytes => BinaryPrimitives.ReadInt32BigEndian(bytes)));

        void SayNext()
        {
            if (next < Total)
            {
                var bytes = new byte[800];
                BinaryPrimitives.WriteInt32BigEndian(bytes, next++);
                left.Machine.Say(bytes, left.Local, right.Local);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_burst_is_answered_while_it_is_taken(bool isBatched, bool isSegmented)
    {
        await using var left = new DriverEnd(isBatched, isSegmented);
        await using var right = new DriverEnd(isBatched, isSegmented);
        var burst = Enumerable.Range(0, 64).Select(_ => new byte[1200]).ToArray();

        left.Say(right, burst);
        await Deadline.UntilAsync(() => right.Count == burst.Length, () => $"{right.Count} of {burst.Length}");

        Assert.InRange(right.Look(machine => machine.MostUnheard), 1, 4);
    }

    [Fact]
    public async Task A_mixture_of_destinations_is_sorted_out()
    {
        await using var left = new DriverEnd();
        await using var right = new DriverEnd();
        await using var third = new DriverEnd();

        using (left.Driver.Enter())
        {
            for (var number = 0; number < 60; number++)
            {
                left.Machine.Say([(byte)number], left.Local, (number % 3 == 0 ? third : right).Local);
            }
        }

        await Deadline.UntilAsync(() => right.Count == 40 && third.Count == 20, "all of them");

        Assert.All(third.Heard(), bytes => Assert.Equal(0, bytes[0] % 3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_timer_that_a_caller_sets_wakes_a_driver_that_sleeps(bool isBatched)
    {
        await using var end = new DriverEnd(isBatched);

        using (var turn = end.Driver.Enter())
        {
            end.Machine.NextTimeout = turn.Now + TimeSpan.FromMilliseconds(20);
        }

        await Deadline.UntilAsync(() => end.Look(machine => machine.Timeouts) == 1, "the timer");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_machine_hears_what_cannot_be_sent_and_goes_on(bool isBatched)
    {
        await using var left = new DriverEnd(isBatched);
        await using var right = new DriverEnd(isBatched);
        var unreachable = TransportAddress.Parse("192.0.2.77:9");
        var strange = TransportAddress.Parse("127.0.0.9:1");

        using (left.Driver.Enter())
        {
            left.Machine.Say([1], left.Local, unreachable);
            left.Machine.Say([2], strange, right.Local);
            left.Machine.Say([3], left.Local, right.Local);
        }

        await Deadline.UntilAsync(() => right.Count == 1, "what can be sent");

        Assert.Equal([unreachable, right.Local], left.Look(machine => machine.Refused.Select(one => one.Remote).Order(Comparer<TransportAddress>.Create((one, _) => one == unreachable ? -1 : 1)).ToArray()));
    }

    [Fact]
    public async Task It_can_be_disposed_of_while_datagrams_fly_and_callers_come()
    {
        var left = new DriverEnd();
        var right = new DriverEnd();
        right.Machine.OnHeard = (bytes, local, remote) => right.Machine.Say(bytes, local, remote);
        left.Machine.OnHeard = (bytes, local, remote) => left.Machine.Say(bytes, local, remote);
        left.Say(right, [.. Enumerable.Range(0, 200).Select(_ => new byte[1000])]);
        await Deadline.UntilAsync(() => left.Count > 1000, "load");
        var calling = Task.Run(
            () =>
            {
                while (!left.Driver.Completion.IsCompleted)
                {
                    left.Say(right, new byte[10]);
                }
            },
            TestContext.Current.CancellationToken);

        await Task.WhenAll(left.DisposeAsync().AsTask(), right.DisposeAsync().AsTask()).WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
        await calling.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        Assert.True(left.Driver.Completion.IsCompletedSuccessfully && right.Driver.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_the_machine_says_last_is_sent_before_the_sockets_close()
    {
        await using var right = new DriverEnd();
        await using (var left = new DriverEnd())
        {
            left.Say(right, [1, 2, 3]);
        }

        await Deadline.UntilAsync(() => right.Count == 1, "the last word");
    }

    [Fact]
    public async Task A_machine_that_throws_ends_the_driver_with_the_reason()
    {
        await using var left = new DriverEnd();
        await using var right = new DriverEnd();
        right.Machine.OnHeard = (_, _, _) => throw new InvalidOperationException("broken");

        left.Say(right, [1]);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => right.Driver.Completion.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken));

        Assert.Equal("broken", failure.Message);
    }

    [Fact]
    public async Task Ports_come_from_the_range_and_taken_addresses_are_left_out()
    {
        await using var first = UdpDriver.Open(new UdpOptions(), TimeProvider.System, [IPAddress.Loopback]);
        var port = first.Locals[0].Port;

        await using var second = UdpDriver.Open(new UdpOptions { Ports = (port, port) }, TimeProvider.System, [IPAddress.Loopback, IPAddress.IPv6Loopback]);

        Assert.DoesNotContain(second.Locals, local => !local.IsIPv6);
        Assert.All(second.Locals, local => Assert.Equal(port, local.Port));
        Assert.Contains(second.Refused, reason => reason.StartsWith("127.0.0.1", StringComparison.Ordinal));
    }

    private static byte[] Make(Random random, int size)
    {
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A driver on one address of loopback with a machine of lists.</summary>
    private sealed class DriverEnd : IAsyncDisposable
    {
        public DriverEnd(bool isBatched = true, bool isSegmented = true)
        {
            Driver = UdpDriver.Open(new UdpOptions { IsBatchingAllowed = isBatched, IsSegmentationAllowed = isSegmented }, TimeProvider.System, [IPAddress.Loopback]);
            Driver.Start(Machine);
        }

        public ListMachine Machine { get; } = new();

        public UdpDriver Driver { get; }

        public TransportAddress Local => Driver.Locals[0];

        public int Count => Look(machine => machine.Heard.Count);

        public byte[][] Heard() => Look(machine => machine.Heard.Select(one => one.Bytes).ToArray());

        public T Look<T>(Func<ListMachine, T> look)
        {
            using var turn = Driver.Enter();
            return look(Machine);
        }

        public void Say(DriverEnd to, params byte[][] datagrams)
        {
            using var turn = Driver.Enter();
            foreach (var datagram in datagrams)
            {
                Machine.Say(datagram, Local, to.Local);
            }
        }

        public ValueTask DisposeAsync() => Driver.DisposeAsync();
    }
}
