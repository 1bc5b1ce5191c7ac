using Parley.Client.Responders;

namespace Parley.Tests.Responders;

public sealed class FairGateTests
{
    private static readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_who_wait_enter_in_the_order_of_their_coming()
    {
        var gate = new FairGate(1);
        var first = await gate.EnterAsync(null, _token);
        var second = gate.EnterAsync(null, _token);
        var third = gate.EnterAsync(null, _token);

        first.Dispose();
        var place = await second;

        Assert.False(third.IsCompleted);
        place.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task One_lane_s_runs_follow_one_another_while_others_pass()
    {
        var gate = new FairGate(2);
        var first = await gate.EnterAsync("a", _token);
        var second = gate.EnterAsync("a", _token);
        var other = await gate.EnterAsync("b", _token);

        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        other.Dispose();
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_queue_and_no_place_is_lost()
    {
        var gate = new FairGate(1);
        var first = await gate.EnterAsync(null, _token);
        using var cancel = new CancellationTokenSource();
        var second = gate.EnterAsync(null, cancel.Token);
        var third = gate.EnterAsync(null, _token);

        await cancel.CancelAsync();
        first.Dispose();
        first.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        (await third).Dispose();
        (await gate.EnterAsync(null, _token)).Dispose();
    }
}
