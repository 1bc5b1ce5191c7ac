using Parley.Client.Transfer;
using Parley.Client.Transfer.Wire;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.Transfer;

/// <summary>Senders that do not keep the protocol of a path.</summary>
public sealed class HandMadeSenderTests
{
    [Fact]
    public async Task A_bye_before_the_result_breaks_the_protocol()
    {
        await using var sender = new HandMadeSender();
        await sender.OfferAsync(new ManifestEntry("f", EntryKind.File, 5, 0, 1, false));

        await sender.SayAsync(new FrameBuilder(FrameKind.Bye).ToFrame());
        var refused = await Assert.ThrowsAsync<ParleyException>(() => sender.Receiving.WaitAsync(Deadline.Shared));

        Assert.Equal(ErrorCode.ProtocolViolation, refused.Code);
    }

    [Fact]
    public async Task A_sender_that_does_not_begin_is_waited_for_so_long_and_no_longer()
    {
        var time = new FakeTimeProvider();
        await using var sender = new HandMadeSender(time, static options => options with { BeginTimeout = TimeSpan.FromSeconds(90) });

        time.Advance(TimeSpan.FromSeconds(89));
        var isWaiting = !sender.Receiving.IsCompleted;
        time.Advance(TimeSpan.FromSeconds(2));
        var late = await Assert.ThrowsAsync<ParleyException>(() => sender.Receiving.WaitAsync(Deadline.Shared));

        Assert.True(isWaiting);
        Assert.Equal(ErrorCode.DeadlineExceeded, late.Code);
    }

    [Fact]
    public void A_file_of_more_chunks_than_a_transfer_takes_is_refused()
    {
        var manifest = new Manifest(new TransferLimits { ChunkBytes = TransferStage.ChunkBytes, MaxChunks = 10 });
        manifest.Add(new ManifestEntry("ten", EntryKind.File, 10 * TransferStage.ChunkBytes, 0, 1, false));

        var refused = Assert.Throws<ParleyException>(() => manifest.Add(new ManifestEntry("more", EntryKind.File, (10 * TransferStage.ChunkBytes) + 1, 0, 1, false)));

        Assert.Equal(ErrorCode.MessageTooLarge, refused.Code);
    }

    [Fact]
    public void A_sentence_of_the_other_end_is_one_line()
    {
        var frame = new Refusal(ErrorCode.TransferFile, "no\nparley: all is well\u001b[2K\u2028\u202e").ToFrame();

        var refused = Refusal.Read(frame.Span[Frame.HeaderBytes..]).ToException();

        Assert.Equal("no parley: all is well [2K  ", refused.Message);
    }
}
