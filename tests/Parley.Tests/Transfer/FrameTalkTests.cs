using System.Threading.Channels;
using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class FrameTalkTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly DeafStream _stream = new();

    [Fact]
    public async Task What_the_other_end_said_is_heard_though_the_path_takes_nothing_any_more()
    {
        var running = RunAsync();
        await PassAsync(2);

        _stream.Bring(new FrameBuilder(FrameKind.Stop).ToFrame());
        var refused = await Assert.ThrowsAsync<ParleyException>(() => running);

        Assert.Equal(ErrorCode.Canceled, refused.Code);
        Assert.True(_stream.Refused > 0);
    }

    [Fact]
    public async Task A_path_that_takes_nothing_and_brings_nothing_is_broken_after_the_silence()
    {
        var running = RunAsync();

        await PassAsync(5);

        await Assert.ThrowsAsync<IOException>(() => running);
    }

    [Fact]
    public async Task A_path_that_takes_nothing_and_ends_is_broken()
    {
        var running = RunAsync();
        await PassAsync(2);

        _stream.End();

        await Assert.ThrowsAnyAsync<IOException>(() => running);
    }

    public void Dispose() => _stream.Dispose();

    private async Task RunAsync()
    {
        using var pathStop = new CancellationTokenSource();
        using var sink = new FrameSink(_stream, null, pathStop.Token);
        var talk = new FrameTalk(new FrameReader(_stream, new ChunkBuffers(TransferStage.ChunkBytes), _time), sink, "sender");
        await talk.RunAsync(talk.HearOutAsync, pathStop, new TransferLimits(), _time, TestContext.Current.CancellationToken);
    }

    /// <summary>Lets as many keep-alives go by.</summary>
    private async Task PassAsync(int keepAlives)
    {
        for (; keepAlives > 0; keepAlives--)
        {
            await Deadline.UntilAsync(() => _time.ArmedTimers > 0, "somebody to wait");
            var armings = _time.Armings;
            _time.Advance(new TransferLimits().MaxSilence / 4);
            if (keepAlives > 1)
            {
                await Deadline.UntilAsync(() => _time.Armings > armings, "the next keep-alive to be awaited");
            }
        }
    }

    /// <summary>Takes nothing, and brings what it is told to.</summary>
    private sealed class DeafStream : AsyncStream
    {
        private readonly Channel<ReadOnlyMemory<byte>> _coming = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();

        public int Refused { get; private set; }

        public void Bring(ReadOnlyMemory<byte> bytes) => _coming.Writer.TryWrite(bytes);

        public void End() => _coming.Writer.TryComplete();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!await _coming.Reader.WaitToReadAsync(cancellationToken))
            {
                return 0;
            }

            _coming.Reader.TryRead(out var bytes);
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Refused++;
            throw new IOException("The path takes nothing more.");
        }
    }
}
