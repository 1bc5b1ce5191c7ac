using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Peering;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Transfer;

/// <summary>Paths that take nothing more and do not say so: a write waits until it is told to end.</summary>
public sealed class StuckPathTests : IDisposable
{
    private static readonly TimeSpan _step = new TransferLimits().MaxSilence / 4;
    private readonly FakeTimeProvider _time = new();
    private readonly TempFolder _folder = new();
    private readonly StuckSession _session = new();

    public void Dispose() => _folder.Dispose();

    // With the first byte the sender still speaks alone; behind the handshake it listens as well.
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task A_sender_takes_another_path_after_the_silence_and_hears_its_user_on_it(int taken)
    {
        _session.TakenBytes = taken;
        File.WriteAllBytes(_folder.PathOf("f"), new byte[100_000]);
        var options = new SendOptions { Paths = [_folder.PathOf("f")], Limits = new TransferLimits { ChunkBytes = TransferStage.ChunkBytes } };
        using var sender = new FileSender(_session, options, new TransferProgress(), _time, NullLogger.Instance);
        using var user = new CancellationTokenSource();

        var sending = sender.SendAsync(user.Token);
        await PassUntilAsync(() => _session.Paths.Count == 2);
        await StopAsync(user);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(Deadline.Shared));
    }

    [Fact]
    public async Task A_receiver_takes_another_path_after_the_silence_and_hears_its_user_on_it()
    {
        var options = new ReceiveOptions { Output = _folder.FullPath, Limits = new TransferLimits { ChunkBytes = TransferStage.ChunkBytes } };
        await using var receiver = new FileReceiver(_session, options, static (_, _) => Task.FromResult(true), new TransferProgress(), _time, NullLogger.Instance);
        using var user = new CancellationTokenSource();

        var receiving = receiver.ReceiveAsync(user.Token);
        await PassUntilAsync(() => _session.Paths.Count == 2);
        await StopAsync(user);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving.WaitAsync(Deadline.Shared));
    }

    private async Task PassUntilAsync(Func<bool> condition)
    {
        for (var steps = 0; steps < 8 && !condition(); steps++)
        {
            await Deadline.UntilAsync(() => condition() || (_time.ArmedTimers > 0 && _session.Paths[^1].IsStuck), "somebody to wait");
            var armings = _time.Armings;
            _time.Advance(_step);
            await Deadline.UntilAsync(() => condition() || _time.Armings > armings, "the next look at the path");
        }

        Assert.True(condition());
    }

    // The two seconds in which a word of goodbye may leave.
    private async Task StopAsync(CancellationTokenSource user)
    {
        await Deadline.UntilAsync(() => _time.ArmedTimers > 0 && _session.Paths[^1].IsStuck, "the second path to be stuck");
        var armings = _time.Armings;
        await user.CancelAsync();
        await Deadline.UntilAsync(() => _time.Armings > armings, "the patience to begin");
        _time.Advance(TimeSpan.FromSeconds(2));
    }

    private sealed class StuckSession : IPeerSession
    {
        public int TakenBytes { get; set; }

        public List<StuckStream> Paths { get; } = [];

        public string Id => "01hzzzzzzzzzzzzzzzzzzzzzzz";

        public AgentAddress Remote { get; } = AgentAddress.Parse("tests.other");

        public PeerPurpose Purpose => PeerPurpose.Transfer;

        public bool IsOpener => true;

        public PeerTrust Trust => PeerTrust.Pinned;

        public string Phrase => "one two three";

        public Task<PeerPath> ConnectAsync(IReadOnlyCollection<PathKind> allowed, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Paths.Add(new StuckStream(TakenBytes));
            return Task.FromResult(new PeerPath(Paths[^1], PathKind.DirectTcp, "in memory"));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Takes so many bytes and then waits with each write until it is told to end; brings a hello and a plan that wants everything.</summary>
    private sealed class StuckStream : AsyncStream
    {
        private readonly Channel<ReadOnlyMemory<byte>> _coming = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
        private int _left;

        public StuckStream(int takenBytes)
        {
            _left = takenBytes;
            _coming.Writer.TryWrite(new Hello(Hello.Version, Hello.Version, TransferStage.ChunkBytes, false).ToFrame());
            _coming.Writer.TryWrite(new FrameBuilder(FrameKind.PlanEnd).ToFrame());
        }

        public bool IsStuck { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var bytes = await _coming.Reader.ReadAsync(cancellationToken);
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _left -= buffer.Length;
            if (_left < 0)
            {
                IsStuck = true;
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
        }
    }
}
