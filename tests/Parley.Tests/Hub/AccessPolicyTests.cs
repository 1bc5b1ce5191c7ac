using Parley.Hub.Identity;
using Parley.Protocol.Identity;

namespace Parley.Tests.Hub;

public sealed class AccessPolicyTests
{
    private static readonly AgentAddress _address = new("alice", "echo");

    [Theory]
    [InlineData("admin", false, "private owner hub public")]
    [InlineData("itself", false, "private owner hub public")]
    [InlineData("sibling", false, "owner hub public")]
    [InlineData("own key", false, "owner hub public")]
    [InlineData("own key without scopes", false, "public")]
    [InlineData("stranger", false, "hub public")]
    [InlineData("stranger", true, "owner hub public")]
    [InlineData("stranger's agent", false, "hub public")]
    [InlineData("guest", false, "public")]
    [InlineData("guest", true, "public")]
    public void Who_may_see_an_agent_follows_from_its_visibility(string caller, bool isAccepted, string expected)
    {
        var seen = Enum.GetValues<AgentVisibility>().Where(visibility => AccessPolicy.MaySee(CallerOf(caller), AgentOf(visibility), isAccepted)).Select(visibility => visibility.ToText());

        Assert.Equal(expected, string.Join(' ', seen));
    }

    [Fact]
    public void A_visibility_is_a_word()
    {
        var all = Enum.GetValues<AgentVisibility>();

        Assert.Equal(["private", "owner", "hub", "public"], all.Select(AgentVisibilityText.ToText));
        Assert.Equal(all, all.Select(AgentVisibilityText.ToText).Select(AgentVisibilityText.Parse));
    }

    private static Principal CallerOf(string caller) => caller switch
    {
        "admin" => Principal.Admin,
        "itself" => Principal.Of(_address),
        "sibling" => Principal.Of(new AgentAddress("alice", "other")),
        "own key" => new Principal(Role.Member, "alice", null, ApiScopes.Default, "k"),
        "own key without scopes" => new Principal(Role.Member, "alice", null, ApiScopes.Events, "k"),
        "stranger" => new Principal(Role.Member, "bob", null, ApiScopes.Default, "k"),
        "stranger's agent" => Principal.Of(new AgentAddress("bob", "other")),
        _ => Principal.Guest,
    };

    private static Agent AgentOf(AgentVisibility visibility)
    {
        var none = new Dictionary<string, string>();
        return new Agent(1, _address, [1], [], [], [], none, none, visibility, "t", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);
    }
}
