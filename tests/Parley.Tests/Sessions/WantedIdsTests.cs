using Parley.Hub.Sessions;

namespace Parley.Tests.Sessions;

public sealed class WantedIdsTests
{
    private readonly WantedIds _wanted = new();

    [Fact]
    public void An_id_that_is_named_often_is_taken_once()
    {
        foreach (var id in Enumerable.Repeat("a", 60).Append("b").Append("a"))
        {
            _wanted.Add(id, 10);
        }

        Assert.Equal(["a", "b"], TakeAll());
    }

    [Fact]
    public void Beyond_the_limit_the_oldest_is_forgotten()
    {
        foreach (var id in new[] { "a", "b", "c" })
        {
            _wanted.Add(id, 2);
        }

        Assert.Equal(2, _wanted.Count);
        Assert.Equal(["b", "c"], TakeAll());
    }

    [Fact]
    public void An_id_that_was_taken_may_be_named_again()
    {
        _wanted.Add("a", 2);
        _wanted.TryTake(out _);

        _wanted.Add("a", 2);

        Assert.Equal(["a"], TakeAll());
    }

    [Fact]
    public void What_was_missed_is_taken_once_and_never_more_than_may_be_noted()
    {
        foreach (var id in new[] { "a", "a", "b", "c" })
        {
            _wanted.Miss(id, 2);
        }

        Assert.Equal(["a", "b"], _wanted.TakeMissed().Order());
        Assert.Empty(_wanted.TakeMissed());
    }

    private List<string> TakeAll()
    {
        var taken = new List<string>();
        while (_wanted.TryTake(out var id))
        {
            taken.Add(id);
        }

        return taken;
    }
}
