using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Protocol.Wire;

namespace Parley.Tests.Grpc;

public sealed class GrpcFrameTests
{
    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_appended_before_one_flush_come_out_in_order()
    {
        var pipe = new Pipe();
        var writer = new GrpcFrameWriter(pipe.Writer);

        for (var number = 1UL; number <= 500; number++)
        {
            writer.Write(new Frame { Call = new Call { Number = number } });
        }

        await writer.FlushAsync(Timeout);
        await pipe.Writer.CompleteAsync();
        var read = await ReadAllAsync(new GrpcFrameReader(pipe.Reader));
        Assert.Equal(Enumerable.Range(1, 500).Select(number => (ulong)number), read.Select(frame => frame.Call.Number));
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(2048)]
    [InlineData(2100)]
    [InlineData(300_000)]
    public async Task A_message_of_any_size_survives_arriving_byte_by_byte(int size)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var sent = new Frame { Chunk = new BodyChunk { Data = ByteString.CopyFrom(Enumerable.Range(0, size).Select(index => (byte)index).ToArray()) } };
        var bytes = Serialise(sent);
        var reader = new GrpcFrameReader(pipe.Reader);

        var reading = reader.ReadAsync<Frame>(Timeout).AsTask();
        for (var offset = 0; offset < bytes.Length; offset += size > 10_000 ? 977 : 1)
        {
            await pipe.Writer.WriteAsync(bytes.AsMemory(offset, Math.Min(size > 10_000 ? 977 : 1, bytes.Length - offset)), Timeout);
        }

        Assert.Equal(sent, await reading);
    }

    [Fact]
    public void A_message_over_the_limit_is_not_appended()
    {
        var pipe = new Pipe();
        var writer = new GrpcFrameWriter(pipe.Writer, maxMessageBytes: 10);

        var refusal = Assert.Throws<GrpcException>(() => writer.Write(new Frame { Call = new Call { Method = new string('x', 20) } }));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, refusal.Status.Code);
        Assert.Equal(0, writer.UnflushedBytes);
    }

    [Fact]
    public async Task An_announced_length_over_the_limit_is_refused_before_its_bytes_come()
    {
        var refusal = await Assert.ThrowsAsync<GrpcException>(() => ReadBytesAsync([0, 0x7F, 0xFF, 0xFF, 0xFF], max: 1000));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, refusal.Status.Code);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 1 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xFF })]
    public async Task Broken_framing_is_internal(byte[] bytes)
    {
        var refusal = await Assert.ThrowsAsync<GrpcException>(() => ReadBytesAsync(bytes, max: 1000));

        Assert.Equal(GrpcStatusCode.Internal, refusal.Status.Code);
    }

    [Fact]
    public async Task A_gzipped_message_is_read()
    {
        var sent = new Frame { Call = new Call { Method = new string('x', 500) } };

        var read = await ReadBytesAsync(Gzip(sent.ToByteArray()), max: 1000, "gzip");

        Assert.Equal(sent, Assert.Single(read));
    }

    [Fact]
    public async Task A_small_gzipped_message_cannot_become_a_large_one()
    {
        var bomb = Gzip(new byte[1_000_000]);

        var refusal = await Assert.ThrowsAsync<GrpcException>(() => ReadBytesAsync(bomb, max: 10_000, "gzip"));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, refusal.Status.Code);
    }

    [Fact]
    public async Task Garbage_ends_in_messages_or_a_status_and_nothing_else()
    {
        const int Seed = 31;
        var random = new Random(Seed);
        var good = Serialise(new Frame { Call = new Call { Number = 7, Method = "m" } });
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                // Nearly right: a good message with one byte changed reaches the parser.
                bytes = [.. good, .. good];
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                await ReadBytesAsync(bytes, max: 4096, random.Next(2) == 0 ? "gzip" : null);
            }
            catch (GrpcException)
            {
                // The one way to refuse.
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {Seed}, round {round}: {exception}");
            }
        }
    }

    private static byte[] Serialise(Frame message)
    {
        var bytes = new byte[GrpcLimits.PrefixBytes + message.CalculateSize()];
        GrpcFrameWriter.WritePrefix(bytes, message.CalculateSize());
        message.WriteTo(bytes.AsSpan(GrpcLimits.PrefixBytes));
        return bytes;
    }

    private static byte[] Gzip(byte[] plain)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        var content = compressed.ToArray();
        var bytes = new byte[GrpcLimits.PrefixBytes + content.Length];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), content.Length);
        content.CopyTo(bytes, GrpcLimits.PrefixBytes);
        return bytes;
    }

    private static Task<List<Frame>> ReadBytesAsync(byte[] bytes, int max, string? encoding = null) =>
        ReadAllAsync(new GrpcFrameReader(PipeReader.Create(new ReadOnlySequence<byte>(bytes)), max, encoding));

    private static async Task<List<Frame>> ReadAllAsync(GrpcFrameReader reader)
    {
        var frames = new List<Frame>();
        while (await reader.WaitToReadAsync(Timeout))
        {
            while (reader.TryRead<Frame>(out var frame))
            {
                frames.Add(frame);
            }
        }

        return frames;
    }
}
