using Parley.Client.Transfer.Sending;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Files;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class FrameSinkTests
{
    private readonly FakeTimeProvider _time = new();

    // A receiver takes 20 s without a byte for a broken path, and half a megabyte takes minutes at this rate.
    [Fact]
    public async Task At_the_lowest_rate_something_is_heard_all_the_time()
    {
        using var stream = new TimedStream(_time);
        using var sink = new FrameSink(stream, new RateLimit(1024, _time), CancellationToken.None);

        var sending = sink.SendAsync(new byte[40_000], CancellationToken.None).AsTask();
        await PassAsync(sending, TimeSpan.FromMinutes(1));

        Assert.True(sending.IsCompletedSuccessfully);
        Assert.InRange(stream.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(40_000, stream.Bytes);
    }

    [Fact]
    public async Task A_frame_that_waits_for_its_rate_ends_with_its_path()
    {
        using var stream = new TimedStream(_time);
        using var path = new CancellationTokenSource();
        using var sink = new FrameSink(stream, new RateLimit(1024, _time), path.Token);
        var sending = sink.SendAsync(new byte[40_000], CancellationToken.None).AsTask();
        await PassAsync(sending, TimeSpan.FromSeconds(3));

        await path.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(Deadline.Shared));
        Assert.InRange(stream.Bytes, 1024, 4096);
    }

    private async Task PassAsync(Task sending, TimeSpan most)
    {
        var step = TimeSpan.FromMilliseconds(250);
        for (var passed = TimeSpan.Zero; passed < most && !sending.IsCompleted; passed += step)
        {
            await Deadline.UntilAsync(() => sending.IsCompleted || _time.ArmedTimers > 0, "the next bytes to wait");
            _time.Advance(step);
        }
    }

    private sealed class TimedStream(FakeTimeProvider time) : AsyncStream
    {
        private long _last = time.GetTimestamp();

        public int Bytes { get; private set; }

        public TimeSpan LongestGap { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var gap = time.GetElapsedTime(_last);
            (_last, Bytes) = (time.GetTimestamp(), Bytes + buffer.Length);
            LongestGap = gap > LongestGap ? gap : LongestGap;
            return ValueTask.CompletedTask;
        }
    }
}
