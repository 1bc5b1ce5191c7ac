using System.Buffers;
using System.IO.Pipelines;
using Parley.Hub.Signalling;
using Parley.Protocol.Identity;
using Parley.Protocol.Link;
using Parley.Testing;

namespace Parley.Tests.Signalling;

public sealed class RelayCircuitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100_000, 1)]
    [InlineData(600_000, 3)]
    public async Task What_came_in_small_blocks_goes_on_in_large_ones_and_unchanged(int length, int writes)
    {
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        var (from, to) = (new End(), new End());
        await from.FillAsync(sent);
        using var circuit = new RelayCircuit(AgentAddress.Parse("acme.a"), AgentAddress.Parse("acme.b"), 0, _ => { }, TimeProvider.System);

        await Task.WhenAll(circuit.JoinAsync(from, NothingAsync, Stop), circuit.JoinAsync(to, NothingAsync, Stop));

        Assert.Equal(sent, to.Written.ToArray());
        Assert.Equal(writes, to.Writes);
    }

    [Fact]
    public async Task One_whose_second_end_came_late_was_not_idle_until_then()
    {
        var time = new FakeTimeProvider();
        using var circuit = new RelayCircuit(AgentAddress.Parse("acme.a"), AgentAddress.Parse("acme.b"), 0, _ => { }, time);
        var first = circuit.JoinAsync(new End(), HangAsync, Stop);

        time.Advance(TimeSpan.FromSeconds(29));
        var second = circuit.JoinAsync(new End(), HangAsync, Stop);

        Assert.Equal((true, TimeSpan.Zero), (circuit.IsRunning, circuit.Idle));
        circuit.Dispose();
        await Task.WhenAll(first, second).WaitAsync(Deadline.Shared, Stop);
    }

    private static Task HangAsync(ILinkTransport first, ILinkTransport second, CancellationToken cancellationToken) =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    private static Task NothingAsync(ILinkTransport first, ILinkTransport second, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>One end: bytes that have come, in blocks of 4 KiB, and what was written to it.</summary>
    private sealed class End : ILinkTransport
    {
        private const int Block = 4096;

        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: Block));

        public ArrayBufferWriter<byte> Content { get; } = new();

        public ReadOnlySpan<byte> Written => Content.WrittenSpan;

        public int Writes { get; private set; }

        public string Name => "test";

        public PipeReader Input => _pipe.Reader;

        public async Task FillAsync(byte[] bytes)
        {
            for (var at = 0; at < bytes.Length; at += Block)
            {
                await _pipe.Writer.WriteAsync(bytes.AsMemory(at, Math.Min(Block, bytes.Length - at)));
            }

            await _pipe.Writer.CompleteAsync();
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
        {
            Content.Write(frames.Span);
            Writes++;
            return ValueTask.CompletedTask;
        }

        public void Abort()
        {
        }
    }
}
