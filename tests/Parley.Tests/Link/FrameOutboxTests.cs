using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Link;

public sealed class FrameOutboxTests
{
    private readonly GatedTransport _transport = new();
    private readonly FrameOutbox _outbox;

    public FrameOutboxTests() => _outbox = new FrameOutbox(_transport, CancellationToken.None);

    [Fact]
    public async Task Frames_that_came_while_a_write_was_under_way_go_out_together()
    {
        _outbox.Send(Ping(1));
        for (var number = 2UL; number <= 10; number++)
        {
            _outbox.Send(Ping(number));
        }

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.Equal(2, _transport.Writes.Count);
        Assert.Equal(Enumerable.Range(1, 10).Select(number => $"ping {number}"), _transport.Frames());
    }

    [Fact]
    public async Task Acknowledgements_that_came_before_a_write_are_one_frame_at_its_front()
    {
        _outbox.Append(Ping(1));
        _outbox.Acknowledge(7);
        _outbox.Append(Ping(2));
        _outbox.Acknowledge(8);

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.Equal(["ack 7 8", "ping 1", "ping 2"], _transport.Frames());
    }

    [Fact]
    public async Task Acknowledgements_go_out_alone_too()
    {
        _outbox.Acknowledge(7);

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.Equal(["ack 7"], _transport.Frames());
    }

    [Fact]
    public async Task Chunks_of_large_bodies_take_turns_and_small_frames_pass_them()
    {
        _outbox.AppendBulk(Chunks("a", 3).GetEnumerator(), 3);
        _outbox.AppendBulk(Chunks("b", 3).GetEnumerator(), 3);
        _outbox.Flush();
        _outbox.Send(Ping(1));

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.Equal(["a 0", "ping 1", "b 0", "a 1", "b 1", "a 2", "b 2"], _transport.Frames());
        Assert.Equal(0, _outbox.PendingBytes);
    }

    [Fact]
    public async Task Pending_bytes_count_until_the_transport_took_them()
    {
        _outbox.AppendBulk(Chunks("a", 3).GetEnumerator(), 3);
        _outbox.Append(Ping(1));
        var before = _outbox.PendingBytes;

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.True(before > 3);
        Assert.Equal(0, _outbox.PendingBytes);
    }

    [Fact]
    public async Task After_a_break_nothing_waits_and_nothing_is_taken()
    {
        _transport.Break();
        _outbox.Send(Ping(1));
        await _outbox.FlushAsync();

        _outbox.Send(Ping(2));
        await _outbox.FlushAsync();

        Assert.Equal(0, _outbox.PendingBytes);
        Assert.Empty(_transport.Writes);
    }

    [Fact]
    public async Task Whatever_else_a_transport_throws_ends_the_outbox_too()
    {
        _transport.Break(new ParleyException(ErrorCode.ProtocolViolation, "not a frame"));
        _outbox.Send(Ping(1));
        await _outbox.FlushAsync().WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        _outbox.Send(Ping(2));

        Assert.Equal(0, _outbox.PendingBytes);
        Assert.Empty(_transport.Writes);
    }

    [Fact]
    public async Task What_is_much_goes_out_in_steps_of_whole_frames()
    {
        var large = new Frame { Chunk = new BodyChunk { Id = "a", Data = ByteString.CopyFrom(new byte[200_000]) } };
        for (var number = 0; number < 20; number++)
        {
            _outbox.Append(large);
        }

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.Equal(20, _transport.Frames().Count);
        Assert.All(_transport.Writes, write => Assert.InRange(write.Length, 1, (1 << 20) + MessagingLimits.MaxFrameBytes));
    }

    [Fact]
    public async Task A_closed_outbox_takes_nothing()
    {
        _outbox.Append(Ping(1));
        _outbox.Close();
        _outbox.Send(Ping(2));
        await _outbox.FlushAsync();

        Assert.Equal(0, _outbox.PendingBytes);
        Assert.Empty(_transport.Writes);
    }

    private static Frame Ping(ulong number) => new() { Ping = new Ping { Number = number } };

    private static IEnumerable<Frame> Chunks(string id, uint count)
    {
        for (var offset = 0u; offset < count; offset++)
        {
            yield return new Frame { Chunk = new BodyChunk { Id = id, Offset = offset, Data = ByteString.CopyFromUtf8("x") } };
        }
    }

    /// <summary>A transport whose writes wait until the test opens it.</summary>
    [Fact]
    public async Task A_last_step_that_takes_all_is_followed_by_no_write_of_nothing()
    {
        const int Frames = 21;
        for (var number = 0; number < Frames; number++)
        {
            // Twenty are less than a step, and one more is more.
            _outbox.Append(new Frame { Chunk = new BodyChunk { Data = ByteString.CopyFrom(new byte[FrameOutbox.StepBytes / 20 - 100]) } });
        }

        _transport.Open();
        await _outbox.FlushAsync();

        Assert.Single(_transport.Writes);
        Assert.Equal(Frames, _transport.Frames().Count);
    }

    private sealed class GatedTransport : ILinkTransport
    {
        private readonly TaskCompletionSource _gate = new();

        public List<byte[]> Writes { get; } = [];

        public string Name => "gated";

        public PipeReader Input => throw new NotSupportedException();

        public void Open() => _gate.TrySetResult();

        public void Break(Exception? exception = null) => _gate.TrySetException(exception ?? new IOException("cut"));

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
        {
            await _gate.Task;
            Writes.Add(frames.ToArray());
        }

        public void Abort()
        {
        }

        public List<string> Frames()
        {
            var names = new List<string>();
            foreach (var write in Writes)
            {
                var buffer = new ReadOnlySequence<byte>(write);
                while (FrameCodec.TryRead(ref buffer, out var frame))
                {
                    names.Add(frame.BodyCase switch
                    {
                        Frame.BodyOneofCase.Chunk => $"{frame.Chunk.Id} {frame.Chunk.Offset}",
                        Frame.BodyOneofCase.Ack => $"ack {string.Join(' ', frame.Ack.Numbers)}",
                        _ => $"ping {frame.Ping.Number}",
                    });
                }
            }

            return names;
        }
    }
}
