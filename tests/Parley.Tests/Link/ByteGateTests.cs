using Parley.Client.HubLink;
using Parley.Testing;

namespace Parley.Tests.Link;

public sealed class ByteGateTests
{
    private readonly ByteGate _gate = new(10);

    [Fact]
    public void What_has_room_enters_and_the_rest_waits_in_order()
    {
        var first = _gate.EnterAsync(6, CancellationToken.None);
        var second = _gate.EnterAsync(6, CancellationToken.None);
        var third = _gate.EnterAsync(1, CancellationToken.None);

        Assert.True(first.IsCompleted);
        Assert.False(second.IsCompleted || third.IsCompleted);
    }

    [Fact]
    public async Task Bytes_that_are_given_back_let_the_next_in()
    {
        await _gate.EnterAsync(6, CancellationToken.None);
        var second = _gate.EnterAsync(6, CancellationToken.None);

        _gate.Leave(6);

        await second.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_body_larger_than_the_limit_goes_alone()
    {
        await _gate.EnterAsync(50, TestContext.Current.CancellationToken);

        Assert.False(_gate.EnterAsync(1, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Who_gives_up_makes_room_for_those_behind()
    {
        using var stop = new CancellationTokenSource();
        await _gate.EnterAsync(6, CancellationToken.None);
        var second = _gate.EnterAsync(6, stop.Token);
        var third = _gate.EnterAsync(4, CancellationToken.None);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await third.WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
    }
}
