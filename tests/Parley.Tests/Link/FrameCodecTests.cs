using System.Buffers;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Link;

public sealed class FrameCodecTests
{
    private const int Seed = 4711;

    [Fact]
    public void A_frame_comes_out_as_it_went_in_and_leaves_the_rest()
    {
        var writer = new ArrayBufferWriter<byte>();
        FrameCodec.Write(writer, Sample("one"));
        FrameCodec.Write(writer, Sample("two"));
        var buffer = new ReadOnlySequence<byte>(writer.WrittenMemory);

        var isFirst = FrameCodec.TryRead(ref buffer, out var first);
        var isSecond = FrameCodec.TryRead(ref buffer, out var second);

        Assert.True(isFirst && isSecond);
        Assert.Equal((Sample("one"), Sample("two")), (first, second));
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void A_frame_that_is_not_whole_is_left_alone()
    {
        var bytes = BytesOf(Sample("one"));
        for (var length = 0; length < bytes.Length; length++)
        {
            var buffer = new ReadOnlySequence<byte>(bytes, 0, length);

            Assert.False(FrameCodec.TryRead(ref buffer, out _));
            Assert.Equal(length, buffer.Length);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, MessagingLimits.MaxFrameBytes + 1)]
    public void Compression_and_oversize_are_refused_by_the_prefix_alone(byte flag, int length)
    {
        var buffer = new ReadOnlySequence<byte>([flag, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);

        var refusal = Assert.Throws<ParleyException>(() => FrameCodec.TryRead(ref buffer, out _));

        Assert.Equal(ErrorCode.ProtocolViolation, refusal.Code);
    }

    [Fact]
    public void Damaged_bytes_are_frames_or_refused_and_nothing_else()
    {
        var good = BytesOf(Sample("content"));

        Fuzz.Run(Seed, Fuzz.Count, random => random.Next(2) == 0 ? Fuzz.Mutate(random, good) : Fuzz.Bytes(random, 64), bytes =>
        {
            var buffer = new ReadOnlySequence<byte>(bytes);
            try
            {
                while (FrameCodec.TryRead(ref buffer, out var frame))
                {
                    Assert.NotNull(frame);
                }
            }
            catch (ParleyException exception)
            {
                Assert.Equal(ErrorCode.ProtocolViolation, exception.Code);
            }
        });
    }

    private static Frame Sample(string body) => new()
    {
        Delivery = new Delivery { Number = 7, Envelope = new Envelope { Id = "id", From = "acme.a", Body = ByteString.CopyFromUtf8(body), Ancestry = { "acme.a", "acme.b" } } },
    };

    private static byte[] BytesOf(Frame frame)
    {
        var writer = new ArrayBufferWriter<byte>();
        FrameCodec.Write(writer, frame);
        return writer.WrittenSpan.ToArray();
    }
}
