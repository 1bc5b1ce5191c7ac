using Parley.Client.Messaging;
using Parley.Testing;

namespace Parley.Tests.Messaging;

public sealed class ThreadTurnsTests
{
    private readonly ThreadTurns _turns = new();

    [Fact]
    public void The_first_of_a_thread_comes_at_once_and_the_second_when_it_left()
    {
        var first = _turns.Enter("a", "t");
        var second = _turns.Enter("a", "t");

        var between = (first.Come.IsCompleted, second.Come.IsCompleted);
        first.Dispose();

        Assert.Equal((true, false), between);
        Assert.True(second.Come.IsCompleted);
    }

    [Fact]
    public void Threads_senders_and_messages_without_a_thread_do_not_wait_for_one_another()
    {
        _turns.Enter("a", "t");

        Assert.True(_turns.Enter("a", "u").Come.IsCompleted);
        Assert.True(_turns.Enter("b", "t").Come.IsCompleted);
        Assert.True(_turns.Enter("a", string.Empty).Come.IsCompleted);
        Assert.True(_turns.Enter("a", string.Empty).Come.IsCompleted);
    }

    [Fact]
    public async Task Leaving_early_opens_no_gap()
    {
        var first = _turns.Enter("a", "t");
        var repeated = _turns.Enter("a", "t");
        var third = _turns.Enter("a", "t");

        repeated.Dispose();
        var between = third.Come.IsCompleted;
        first.Dispose();
        await third.Come.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);

        Assert.False(between);
    }
}
