using Parley.Client.Chat;
using Parley.Client.Chat.Wire;
using Parley.Protocol.Files;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Chat;

/// <summary>Another end that says much and reads nothing.</summary>
public sealed class ChatFloodTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ways_that_are_opened_again_and_again_leave_few_words_waiting()
    {
        const int Opens = 10_000;
        const int Few = 50;
        HeldStream? bobs = null;
        var pair = new PeerSessionPair(_ =>
        {
            var (left, right) = CuttableStream.Pair(long.MaxValue);
            bobs = new HeldStream(right);
            return (left, bobs);
        });
        var bob = new ChatStage.End(pair.Acceptor, new ChatOptions(), 2, null);
        bob.OnShown = item => _ = item.Kind == ChatItemKind.Offer ? bob.Talk.OpenFile(isMine: false, item.Number) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var running = bob.Talk.RunAsync(stop.Token);
        var path = await pair.Opener.ConnectAsync([], Stop);
        var state = new ChatState(new Guid(1, 2, 3, new byte[8]), 8);
        await path.Stream.WriteAsync(ChatFrame.Of(state.Hello()), Stop);
        state.Say(ChatItemKind.Offer, TimeProvider.System.GetUtcNow(), 0, 5, "f");
        state.Say(ChatItemKind.Message, TimeProvider.System.GetUtcNow(), 0, 0, "all opened");
        await path.Stream.WriteAsync(ChatFrame.Of(state.Next()!), Stop);
        await Deadline.UntilAsync(() => bob.Items.Count == 1, "the offer to be shown");

        bobs!.Hold();
        for (var number = 1; number <= Opens; number++)
        {
            await path.Stream.WriteAsync(ChatFrame.Of(ChatFrameKind.FileOpen, new FileRoute(true, 1, number), []), Stop);
        }

        await path.Stream.WriteAsync(ChatFrame.Of(state.Next()!), Stop);
        await Deadline.UntilAsync(() => bob.Items.Count == 2, "all to be heard");
        bobs.Release();
        var reader = new ChatFrameReader(path.Stream, TimeProvider.System);
        var (closed, last) = (0, 0);
        while (last < Opens - 1)
        {
            var frame = await reader.ReadAsync(Stop);
            if (frame.Kind == ChatFrameKind.FileClose)
            {
                (closed, last) = (closed + 1, frame.ReadRoute().Try);
            }
        }

        Assert.InRange(closed, 1, Few);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>An end whose writes may be held.</summary>
    private sealed class HeldStream(Stream inner) : AsyncStream
    {
        private TaskCompletionSource _free = Done();

        public void Hold() => _free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _free.TrySetResult();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _free.Task.WaitAsync(cancellationToken);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        private static TaskCompletionSource Done()
        {
            var done = new TaskCompletionSource();
            done.SetResult();
            return done;
        }
    }
}
