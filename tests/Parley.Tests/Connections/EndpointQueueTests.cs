using Parley.Hub.Connections.Outbox;

namespace Parley.Tests.Connections;

public sealed class EndpointQueueTests
{
    private const int Most = 2;

    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    private readonly EndpointQueue _queue = new() { HasNews = false };

    [Fact]
    public void A_new_row_goes_out_at_once_while_there_is_room()
    {
        var taken = Enumerable.Range(1, 3).Select(row => _queue.TryTakeNew(row, Most, _now));

        Assert.Equal([true, true, false], taken);
    }

    [Fact]
    public void It_does_not_overtake_what_waits_in_the_store_or_here()
    {
        _queue.HasNews = true;
        var unread = _queue.TryTakeNew(9, Most, _now);
        (_queue.HasNews, _queue.IsReading) = (false, true);
        var whileReading = _queue.TryTakeNew(9, Most, _now);
        _queue.IsReading = false;
        _queue.Add([1], isAll: true);
        var behindReady = _queue.TryTakeNew(9, Most, _now);
        _queue.TryTake(Most, _now, out _);

        Assert.Equal((false, false, false, true), (unread, whileReading, behindReady, _queue.TryTakeNew(9, Most, _now)));
    }

    [Fact]
    public void After_the_last_of_all_rows_the_store_is_not_read_again()
    {
        _queue.Add([1], isAll: true);
        _queue.TryTake(Most, _now, out var row);

        _queue.Done(row, isLast: true);

        Assert.False(_queue.HasNews);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_store_is_read_again_for_rows_that_were_let_go(bool hasRows)
    {
        _queue.Add(hasRows ? [1] : [], isAll: true);

        _queue.DropReady();

        Assert.Equal(hasRows, _queue.HasNews);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void It_is_read_again_when_it_had_more_or_something_follows_from_the_end(bool isAll, bool isLast)
    {
        _queue.Add([1], isAll);
        _queue.TryTake(Most, _now, out var row);

        _queue.Done(row, isLast);

        Assert.True(_queue.HasNews);
    }

    [Fact]
    public void A_row_that_the_store_gave_while_it_was_under_way_is_looked_for_again_after_it()
    {
        _queue.TryTakeNew(1, Most, _now);
        _queue.Add([1], isAll: true);

        _queue.Done(1, isLast: true);

        Assert.True(_queue.HasNews);
    }
}
