using Parley.Cli.Home;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Tests.Cli;

public sealed class ReachTests
{
    private static readonly AgentAddress _self = AgentAddress.Parse("acme.bob");

    [Theory]
    [InlineData("private", "nobody but itself")]
    [InlineData("owner", "agents and keys of acme")]
    [InlineData("hub", "every agent and every key of this hub")]
    [InlineData("public", "everybody")]
    [InlineData("moon", "'moon'")]
    public void Each_visibility_is_told_in_words(string visibility, string words)
    {
        var agent = new AgentView("acme.bob", "acme", "bob", new Dictionary<string, string>(), visibility, null, false, null, null, DateTimeOffset.UnixEpoch);

        Assert.Contains(words, Reach.SeenBy(agent), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_was_accepted_is_named_up_to_five_and_who_waits_or_is_blocked_is_counted()
    {
        ContactView[] contacts = [.. Enumerable.Range(1, 7).Select(number => Of($"partner.n{number}", "accepted")), Of("x.y", "pending"), Of("bad.*", "blocked"), Of("worse.*", "blocked")];

        Assert.Equal(
            "messages of acme.*, partner.n1, partner.n2, partner.n3, partner.n4, partner.n5 and 2 more are taken; those of others wait until parley contacts accept, 1 wait for it now, 2 blocked",
            Reach.WrittenToBy(_self, contacts));
        Assert.Equal("messages of acme.* are taken; those of others wait until parley contacts accept", Reach.WrittenToBy(_self, []));
    }

    private static ContactView Of(string sender, string state) => new("acme", sender, state, DateTimeOffset.UnixEpoch, null);
}
