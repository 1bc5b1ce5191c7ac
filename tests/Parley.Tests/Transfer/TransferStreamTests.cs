using Parley.Client.Transfer;
using Parley.Client.Transfer.Sending;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

/// <summary>What is sent from standard input, whose size nobody knows before its end, and which nobody can read twice.</summary>
public sealed class TransferStreamTests
{
    // What comes before the chunks, and the frames around them, take less than 300 bytes: each run breaks somewhere between the last chunk and the result.
    [Theory]
    [InlineData(10)]
    [InlineData(TransferStage.ChunkBytes * 5 / 2)]
    [InlineData(TransferStage.ChunkBytes * 2)]
    public async Task A_path_that_breaks_behind_the_last_chunk_changes_nothing(int length)
    {
        var content = TransferStage.Noise(length);
        for (var behind = 100; behind < 440; behind += 9)
        {
            using var stage = new TransferStage { Cut = path => path == 0 ? length + behind : long.MaxValue };

            var (sent, received) = await SendAsync(stage, content);

            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(stage.To("s"))), $"cut {behind} bytes behind");
            Assert.Equal((length, TransferStage.Hash(content)), (received.Bytes, sent.Sha256));
            Assert.Equal(["s"], stage.Files());
        }
    }

    [Fact]
    public async Task Nothing_stays_of_a_stream_that_did_not_come_to_its_end()
    {
        using var stage = new TransferStage { Cut = static path => path == 0 ? 30_000 : 10 };

        var refused = await Assert.ThrowsAsync<ParleyException>(() => SendAsync(stage, TransferStage.Noise(100_000)));

        Assert.Equal(ErrorCode.AgentOffline, refused.Code);
        Assert.DoesNotContain("where it was", refused.Message, StringComparison.Ordinal);
        Assert.Empty(stage.Files());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_is_told_of_a_stop_hears_whether_it_can_go_on(bool isStream)
    {
        using var stage = new TransferStage();
        stage.Write("f", "x"u8);
        await using var receiver = new HandMadeReceiver(isStream ? Streaming(new MemoryStream(5)) : new SendOptions { Paths = [stage.From("f")] });
        await receiver.TakeOfferAsync();

        await receiver.SayAsync(new FrameBuilder(FrameKind.Stop));
        var refused = await Assert.ThrowsAsync<ParleyException>(() => receiver.Sending.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.Canceled, refused.Code);
        Assert.Equal(!isStream, refused.Message.Contains("goes on where it was", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_receiver_that_claims_more_than_was_read_breaks_the_protocol()
    {
        await using var receiver = new HandMadeReceiver(Streaming(new MemoryStream(TransferStage.Noise(100_000))));
        await receiver.TakeOfferAsync();

        await receiver.SayAsync(new FrameBuilder(FrameKind.Plan).Int32(0).Int32(1).Byte((byte)EntryAction.Resume).Int32(5));
        await receiver.SayAsync(new FrameBuilder(FrameKind.Hashes).Int32(0).Int32(0).Int32(5).Bytes(new byte[5 * ChunkFrame.HashBytes]));
        await receiver.SayAsync(new FrameBuilder(FrameKind.PlanEnd));
        var refused = await Assert.ThrowsAsync<ParleyException>(() => receiver.Sending.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.ProtocolViolation, refused.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_receiver_that_wants_again_what_it_confirmed_breaks_the_protocol(int chunks)
    {
        var action = chunks == 0 ? EntryAction.Take : EntryAction.Resume;
        await using var receiver = new HandMadeReceiver(Streaming(new MemoryStream(TransferStage.Noise(100_000))));
        await receiver.TakeOfferAsync();
        await receiver.SayAsync(new FrameBuilder(FrameKind.PlanEnd));
        await receiver.TakeUntilAsync(FrameKind.Chunk, 3);
        await receiver.SayAsync(new Ack(0, 3, 3 * TransferStage.ChunkBytes).ToFrame());
        await Deadline.UntilAsync(() => receiver.Progress.Bytes > 0, "the acknowledgement to be heard");

        await receiver.BreakAsync();
        await receiver.TakeOfferAsync(hasManifest: true);
        await receiver.SayAsync(new FrameBuilder(FrameKind.Plan).Int32(0).Int32(1).Byte((byte)action).Int32(chunks));
        if (action == EntryAction.Resume)
        {
            await receiver.SayAsync(new FrameBuilder(FrameKind.Hashes).Int32(0).Int32(0).Int32(chunks).Bytes(new byte[chunks * ChunkFrame.HashBytes]));
        }

        await receiver.SayAsync(new FrameBuilder(FrameKind.PlanEnd));
        var refused = await Assert.ThrowsAsync<ParleyException>(() => receiver.Sending.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.ProtocolViolation, refused.Code);
    }

    [Fact]
    public async Task A_stream_that_failed_at_the_receiver_is_not_waited_for_though_nothing_was_confirmed()
    {
        await using var receiver = new HandMadeReceiver(Streaming(new MemoryStream(TransferStage.Noise(40 * TransferStage.ChunkBytes))));
        await receiver.TakeOfferAsync();
        await receiver.SayAsync(new FrameBuilder(FrameKind.PlanEnd));
        await receiver.TakeUntilAsync(FrameKind.Chunk, StreamChunks.Window);

        await receiver.SayAsync(new Refusal(ErrorCode.TransferFile, "The disk is broken.").ToFrame(FrameKind.TargetFailed, 0));
        await receiver.TakeUntilAsync(FrameKind.End, 1).WaitAsync(Deadline.Shared);

        Assert.False(receiver.Sending.IsCompleted);
    }

    private static SendOptions Streaming(Stream stream) => new() { Stream = stream, StreamName = "s", Limits = new TransferLimits { ChunkBytes = TransferStage.ChunkBytes } };

    private static Task<(TransferResult Sent, TransferResult Received)> SendAsync(TransferStage stage, byte[] content) =>
        stage.RunAsync(new SendOptions { Stream = new MemoryStream(content), StreamName = "s" }, new ReceiveOptions { Output = stage.Target.FullPath });
}
