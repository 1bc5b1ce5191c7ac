using System.Security.Cryptography;
using Parley.Client.Peering;
using Parley.Client.Peering.Paths;
using Parley.Testing;

namespace Parley.HubTests.Peering;

/// <summary>The path over UDP between two sessions of one machine, with real sockets.</summary>
public sealed class UdpPathTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_travel_both_ways_at_once()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var (alice, bob) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectUdp);
        var (there, back) = (RandomNumberGenerator.GetBytes(8 << 20), RandomNumberGenerator.GetBytes(5 << 20));

        var arrived = await Task.WhenAll(PeerStage.CarryAsync(alice.Stream, bob.Stream, there), PeerStage.CarryAsync(bob.Stream, alice.Stream, back));

        Assert.Equal((PathKind.DirectUdp, PathKind.DirectUdp), (alice.Kind, bob.Kind));
        Assert.StartsWith("direct UDP, ", alice.Reason, StringComparison.Ordinal);
        Assert.True(there.AsSpan().SequenceEqual(arrived[0]) && back.AsSpan().SequenceEqual(arrived[1]));
    }

    [Fact]
    public async Task A_writer_waits_for_a_reader_that_does_not_read_and_the_other_direction_goes_on()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var (alice, bob) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectUdp);
        var bytes = RandomNumberGenerator.GetBytes(32 << 20);

        var writing = alice.Stream.WriteAsync(bytes, Stop).AsTask();
        var back = await PeerStage.CarryAsync(bob.Stream, alice.Stream, bytes[..1000]);
        var isWaiting = !writing.IsCompleted;
        var read = new byte[bytes.Length];
        await bob.Stream.ReadExactlyAsync(read, Stop);
        await writing.WaitAsync(Deadline.Shared, Stop);

        Assert.True(isWaiting);
        Assert.Equal(bytes[..1000], back);
        Assert.True(bytes.AsSpan().SequenceEqual(read));
    }

    [Fact]
    public async Task What_was_written_arrives_before_the_end()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        var (alice, bob) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectUdp);
        var bytes = RandomNumberGenerator.GetBytes(3 << 20);

        await alice.Stream.WriteAsync(bytes, Stop);
        var closing = alice.DisposeAsync().AsTask();
        using var read = new MemoryStream();
        await bob.Stream.CopyToAsync(read, Stop).WaitAsync(Deadline.Shared, Stop);
        await closing.WaitAsync(Deadline.Shared, Stop);

        Assert.True(bytes.AsSpan().SequenceEqual(read.ToArray()));
    }

    [Fact]
    public async Task A_session_opens_one_path_after_another()
    {
        await using var stage = await PeerStage.StartAsync();
        var (alices, bobs) = await stage.MeetAsync();
        for (var number = 0; number < 3; number++)
        {
            var (alice, bob) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectUdp);

            Assert.Equal([(byte)number], await PeerStage.CarryAsync(alice.Stream, bob.Stream, [(byte)number]));
        }
    }

    [Fact]
    public async Task Direct_TCP_is_taken_before_UDP_and_UDP_before_the_relay()
    {
        await using var clock = new HeldClock();
        await using var stage = await PeerStage.StartAsync();
        var shut = new TcpPathOptions { Listens = false };
        var (alices, bobs) = await stage.MeetAsync(PeerStage.Quick with { Tcp = shut }, PeerStage.Receiving, clock.Time);
        var (first, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectTcp, PathKind.DirectUdp, PathKind.Relayed);
        clock.LetGo();

        var (second, _) = await PeerStage.ConnectAsync(alices, bobs, PathKind.DirectUdp, PathKind.Relayed);

        Assert.Equal((PathKind.DirectTcp, PathKind.DirectUdp), (first.Kind, second.Kind));
    }

    /// <summary>A clock that stands until it is let go, and is slow from then on: whoever has a head start keeps it, however busy the machine is.</summary>
    private sealed class HeldClock : IAsyncDisposable
    {
        private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(1);

        private readonly CancellationTokenSource _ending = new();
        private Task _running = Task.CompletedTask;

        public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

        public void LetGo() => _running = Task.Run(async () =>
        {
            while (!_ending.IsCancellationRequested)
            {
                Time.Advance(_step);
                await Task.Delay(_step * 5, TimeProvider.System);
            }
        });

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _running;
            _ending.Dispose();
        }
    }
}
