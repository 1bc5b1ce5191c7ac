using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Transfer;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Transfer;

/// <summary>Senders whose files nobody takes, or not yet.</summary>
public sealed class TransferBeginTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_is_not_welcome_hears_it_before_it_has_named_a_file()
    {
        const int BytesOfTwoFrames = 200;
        for (var file = 0; file < 100; file++)
        {
            File.WriteAllText(_folder.PathOf($"a-file-with-a-long-name-{file}"), "x");
        }

        CuttableStream? sent = null;
        var pair = new PeerSessionPair(_ =>
        {
            var (left, right) = CuttableStream.Pair(long.MaxValue);
            sent = left;
            return (left, right);
        });
        using var sender = new FileSender(pair.Opener, new SendOptions { Paths = [_folder.FullPath] }, new TransferProgress(), TimeProvider.System, NullLogger.Instance);

        var turning = TransferRefusal.TellAsync(pair.Acceptor, Stop);
        var refused = await Assert.ThrowsAsync<ParleyException>(() => sender.SendAsync(Stop));
        await turning.WaitAsync(Deadline.Shared, Stop);

        Assert.Equal(ErrorCode.TransferDeclined, refused.Code);
        Assert.InRange(sent!.Bytes, 1, BytesOfTwoFrames);
    }

    [Fact]
    public async Task A_receiver_that_does_not_begin_is_waited_for_so_long_and_no_longer()
    {
        var time = new FakeTimeProvider();
        var pair = new PeerSessionPair(static _ => CuttableStream.Pair(long.MaxValue));
        File.WriteAllText(_folder.PathOf("f"), "x");
        var options = new SendOptions { Paths = [_folder.PathOf("f")], BeginTimeout = TimeSpan.FromSeconds(90) };
        using var sender = new FileSender(pair.Opener, options, new TransferProgress(), time, NullLogger.Instance);

        var sending = sender.SendAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(89));
        var isWaiting = !sending.IsCompleted;
        time.Advance(TimeSpan.FromSeconds(2));
        var late = await Assert.ThrowsAsync<ParleyException>(() => sending.WaitAsync(Deadline.Shared, Stop));

        Assert.True(isWaiting);
        Assert.Equal(ErrorCode.DeadlineExceeded, late.Code);
    }
}
