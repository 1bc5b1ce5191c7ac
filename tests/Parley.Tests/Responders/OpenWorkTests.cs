using Parley.Client.Responders;

namespace Parley.Tests.Responders;

public sealed class OpenWorkTests
{
    private readonly OpenWork _work = new();

    [Fact]
    public void Nothing_under_way_is_idle_at_once() => Assert.True(_work.IdleAsync().IsCompletedSuccessfully);

    [Fact]
    public void It_is_idle_when_the_last_one_ended()
    {
        _work.Begin();
        _work.Begin();
        var idle = _work.IdleAsync();

        _work.End();
        var afterOne = idle.IsCompleted;
        _work.End();

        Assert.False(afterOne);
        Assert.True(idle.IsCompletedSuccessfully);
    }

    [Fact]
    public void What_began_later_is_waited_for_again()
    {
        _work.Begin();
        _work.End();
        Assert.True(_work.IdleAsync().IsCompletedSuccessfully);

        _work.Begin();
        var again = _work.IdleAsync();

        Assert.False(again.IsCompleted);
    }
}
