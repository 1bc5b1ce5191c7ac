using Parley.Client.Transfer;
using Parley.Client.Transfer.Sending;
using Parley.Client.Transfer.Wire;
using Parley.Testing;

namespace Parley.Tests.Transfer;

/// <summary>Receivers that say how much may be on its way to them.</summary>
public sealed class SendWindowTests
{
    private const int Chunk = TransferStage.ChunkBytes;

    [Fact]
    public async Task No_more_is_on_its_way_than_the_receiver_asked_for_until_it_confirms()
    {
        const int Chunks = 20;
        using var stage = new TransferStage();
        stage.Write("f", TransferStage.Noise(Chunks * Chunk));
        var limits = new TransferLimits { ChunkBytes = Chunk, MaxSilence = TimeSpan.FromSeconds(4) };
        var time = new FakeTimeProvider();
        await using var receiver = new HandMadeReceiver(new SendOptions { Paths = [stage.From("f")], Limits = limits }, time);
        await receiver.TakeOfferAsync(window: 2 * Chunk);
        await receiver.SayAsync(new FrameBuilder(FrameKind.PlanEnd));

        for (var chunk = 0; chunk < Chunks; chunk += 2)
        {
            await receiver.TakeUntilAsync(FrameKind.Chunk, 2).WaitAsync(Deadline.Shared);
            if (chunk == 0)
            {
                // Of all that it could say now this alone comes.
                await Deadline.UntilAsync(() => time.ArmedTimers > 0, "the sender to watch the silence");
                time.Advance(limits.MaxSilence / 4);
                Assert.Equal(FrameKind.Alive, await receiver.TakeAsync().WaitAsync(Deadline.Shared));
            }

            await receiver.SayAsync(new Ack(0, chunk + 2, (chunk + 2) * Chunk).ToFrame());
        }

        await receiver.TakeUntilAsync(FrameKind.End, 1).WaitAsync(Deadline.Shared);
    }

    [Fact]
    public async Task Small_files_that_wait_for_room_leave_what_is_ready_to_the_receiver()
    {
        using var stage = new TransferStage();
        for (var file = 0; file < 10; file++)
        {
            stage.Write($"tree/{file}", TransferStage.Noise(1000));
        }

        await using var receiver = new HandMadeReceiver(new SendOptions { Paths = [stage.From("tree")], Limits = stage.Limits });
        await receiver.TakeOfferAsync(window: 1500);
        await receiver.SayAsync(new FrameBuilder(FrameKind.PlanEnd));

        for (var file = 1; file <= 10; file++)
        {
            await receiver.TakeUntilAsync(FrameKind.Whole, 1).WaitAsync(Deadline.Shared);
            await receiver.SayAsync(new Ack(file, 0, file * 1000).ToFrame());
        }

        await receiver.TakeUntilAsync(FrameKind.End, 1).WaitAsync(Deadline.Shared);
    }

    [Fact]
    public void One_frame_may_always_go_and_further_ones_after_the_first_is_confirmed()
    {
        var window = new SendWindow(10);

        var before = (window.TryEnter(0, 0, 100), window.TryEnter(0, 1, 1));
        window.Acknowledge(0, 1);
        var after = (window.TryEnter(0, 1, 5), window.TryEnter(1, 0, 5), window.TryEnter(2, 0, 1));
        window.Acknowledge(1, 0);

        Assert.Equal((true, false), before);
        Assert.Equal((true, true, false), after);
        Assert.True(window.TryEnter(2, 0, 10));
    }
}
