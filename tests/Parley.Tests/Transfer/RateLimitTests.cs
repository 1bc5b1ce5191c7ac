using Parley.Client.Transfer.Sending;
using Parley.Testing;

namespace Parley.Tests.Transfer;

public sealed class RateLimitTests
{
    [Fact]
    public async Task So_many_bytes_a_second_pass_and_no_more()
    {
        var time = new FakeTimeProvider();
        var limit = new RateLimit(1000, time);

        var first = limit.TakeAsync(500, CancellationToken.None).AsTask();
        var early = first.IsCompleted;
        time.Advance(TimeSpan.FromMilliseconds(499));
        var before = first.IsCompleted;
        time.Advance(TimeSpan.FromMilliseconds(2));
        await first.WaitAsync(Deadline.Shared);

        Assert.False(early);
        Assert.False(before);
    }
}
