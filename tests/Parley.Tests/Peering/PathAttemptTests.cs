using System.Net.Sockets;
using Parley.Client.Peering;
using Parley.Client.Peering.Paths;
using Parley.Testing;

namespace Parley.Tests.Peering;

/// <summary>Attempts on a clock that the test moves: which way is taken when better ones come late.</summary>
public sealed class PathAttemptTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_hole_that_is_being_punched_is_not_overtaken_by_a_circuit()
    {
        var (udp, relay) = (new Opener { IsPromising = true }, new Opener());
        var choosing = ChooseAsync(udp, relay);

        await FindAsync(relay);
        await PassAsync(choosing, TimeSpan.FromSeconds(2));
        udp.Find();
        var (kind, _, _) = await choosing;

        Assert.Equal(PathKind.DirectUdp, kind);
        Assert.True(relay.IsClosed);
    }

    [Fact]
    public async Task A_circuit_is_taken_once_nothing_better_is_heard_of_any_more()
    {
        var (udp, relay) = (new Opener { IsPromising = true }, new Opener());
        var choosing = ChooseAsync(udp, relay);

        await FindAsync(relay);
        await PassAsync(choosing, TimeSpan.FromSeconds(1));
        var wasHeld = !choosing.IsCompleted;
        udp.IsPromising = false;
        await PassAsync(choosing, TimeSpan.FromMilliseconds(100));
        var (kind, _, _) = await choosing;

        Assert.True(wasHeld);
        Assert.Equal(PathKind.Relayed, kind);
    }

    [Fact]
    public async Task A_promise_that_is_never_kept_does_not_spoil_the_attempt()
    {
        var (udp, relay) = (new Opener { IsPromising = true }, new Opener());
        var choosing = ChooseAsync(udp, relay);

        await FindAsync(relay);
        await PassAsync(choosing, PathRace.PatienceOver(PathKind.Relayed) + TimeSpan.FromMilliseconds(100));
        var (kind, _, reason) = await choosing;

        Assert.Equal(PathKind.Relayed, kind);
        Assert.Contains("direct UDP (nothing yet)", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_that_the_system_refuses_does_not_spoil_the_one_that_was_found()
    {
        var (udp, relay) = (new Opener { Failure = new SocketException((int)SocketError.AddressFamilyNotSupported) }, new Opener());
        var choosing = ChooseAsync(udp, relay);

        await FindAsync(relay);
        await PassAsync(choosing, TimeSpan.FromSeconds(5));
        var (kind, _, _) = await choosing;

        Assert.Equal(PathKind.Relayed, kind);
        Assert.False(relay.IsClosed);
    }

    [Fact]
    public async Task A_way_that_breaks_as_nobody_foresaw_leaves_no_stream_open()
    {
        var (udp, relay) = (new Opener { Failure = new NotSupportedException() }, new Opener());
        var choosing = ChooseAsync(udp, relay);

        await FindAsync(relay);
        await PassAsync(choosing, TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<NotSupportedException>(() => choosing);
        Assert.True(relay.IsClosed);
    }

    private Task<(PathKind Kind, Stream Stream, string Reason)> ChooseAsync(Opener udp, Opener relay) =>
        new PathAttempt(1, isOpener: true, [(PathKind.DirectUdp, udp, default), (PathKind.Relayed, relay, default)], _time).RunAsync(_limit, TestContext.Current.CancellationToken);

    /// <summary>Has a way found, and waits until the attempt knows.</summary>
    private async Task FindAsync(Opener opener)
    {
        await Deadline.UntilAsync(() => _time.ArmedTimers > 0, "the attempt to wait");
        var armings = _time.Armings;
        opener.Find();
        await Deadline.UntilAsync(() => _time.Armings > armings, "the attempt to know");
    }

    /// <summary>Moves the clock in small steps, each once the attempt waits again.</summary>
    private async Task PassAsync(Task choosing, TimeSpan by)
    {
        for (var step = TimeSpan.FromMilliseconds(25); by > TimeSpan.Zero && !choosing.IsCompleted; by -= step)
        {
            await Deadline.UntilAsync(() => _time.ArmedTimers > 0 || choosing.IsCompleted, "the attempt to wait");
            _time.Advance(step);
        }
    }

    private sealed class Opener : IPathOpener
    {
        private readonly TaskCompletionSource<FoundPath> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly WatchedStream _stream = new();

        public IReadOnlyList<string> Tried => ["nothing yet"];

        public bool IsForged => false;

        public bool IsPromising { get; set; }

        /// <summary>What it ends with instead of a way.</summary>
        public Exception? Failure { get; init; }

        public bool IsClosed => _stream.IsClosed;

        public void Find() => _found.TrySetResult(new FoundPath(_stream, "found"));

        public ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken) => new((ReadOnlyMemory<byte>?)null);

        public async Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
                throw Failure;
            }

            found(await _found.Task.WaitAsync(cancellationToken));
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class WatchedStream : MemoryStream
    {
        public bool IsClosed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}
