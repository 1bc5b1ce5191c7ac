using Parley.Hub.Messaging;

namespace Parley.Tests.Messaging;

public sealed class OpenRequestsTests
{
    private readonly OpenRequests _open = new();

    [Fact]
    public void The_named_cause_counts()
    {
        Add("a", 1);
        Add("b", 5);

        Assert.Equal(1u, _open.CauseOf("a")!.Value.Hops);
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    public void Without_a_known_cause_the_deepest_open_request_counts(string cause)
    {
        Add("a", 1);
        Add("b", 5);
        Add("c", 3);

        Assert.Equal(5u, _open.CauseOf(cause)!.Value.Hops);
    }

    [Fact]
    public void An_answered_request_causes_nothing_more()
    {
        Add("a", 1);

        var isFirst = _open.Remove(new RequestKey("acme.x", "a"));

        Assert.True(isFirst);
        Assert.False(_open.Remove(new RequestKey("acme.x", "a")));
        Assert.Null(_open.CauseOf("a"));
    }

    [Fact]
    public void The_oldest_are_forgotten_beyond_the_limit()
    {
        for (var number = 0; number <= OpenRequests.MaxCount; number++)
        {
            Add($"{number}", 0);
        }

        Assert.InRange(_open.Count, OpenRequests.MaxCount / 2, OpenRequests.MaxCount);
        Assert.False(_open.TryFind(new RequestKey("acme.x", "0"), out _));
        Assert.True(_open.TryFind(new RequestKey("acme.x", $"{OpenRequests.MaxCount}"), out _));
    }

    private void Add(string id, uint hops) => _open.Add(new RequestKey("acme.x", id), new OpenRequest(hops, [], null));
}
