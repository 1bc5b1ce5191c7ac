using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Wire;

namespace Parley.Tests.Hub;

public sealed class VisitorRulesTests
{
    private static readonly DateTimeOffset _end = DateTimeOffset.UnixEpoch.AddHours(1);
    private static readonly Agent _host = AgentOf(1, "host", null);
    private static readonly Agent _other = AgentOf(2, "other", null);
    private static readonly Agent _visitor = AgentOf(3, "bob", new Visit(1, _end));
    private static readonly Agent _second = AgentOf(4, "eve", new Visit(1, _end));

    [Fact]
    public void A_visitor_meets_its_host_and_nobody_else()
    {
        Assert.True(VisitorRules.MayMeet(_visitor, _host));
        Assert.True(VisitorRules.MayMeet(_host, _visitor));
        Assert.True(VisitorRules.MayMeet(_host, _other));
        Assert.True(VisitorRules.MayMeet(null, _other));
        foreach (var stranger in new[] { _other, _second, null })
        {
            Assert.False(VisitorRules.MayMeet(_visitor, stranger));
            Assert.False(VisitorRules.MayMeet(stranger, _visitor));
        }
    }

    [Fact]
    public void No_message_passes_to_or_from_a_visitor()
    {
        Assert.True(VisitorRules.MayWrite(_host, _other));
        Assert.True(VisitorRules.MayWrite(null, _other));
        foreach (var any in new[] { _host, _other, _second, null })
        {
            Assert.False(VisitorRules.MayWrite(_visitor, any));
            Assert.False(VisitorRules.MayWrite(any, _visitor));
        }
    }

    [Fact]
    public void A_visitors_link_carries_signals_and_signs_of_life_alone()
    {
        var open = Enum.GetValues<Frame.BodyOneofCase>().Where(VisitorRules.MaySend).Select(static kind => kind.ToString()).Order(StringComparer.Ordinal);

        Assert.Equal(["CircuitRequest", "Goodbye", "None", "Ping", "Pong", "Signal"], open);
        Assert.Equal(ErrorCode.PermissionDenied, Assert.Throws<ParleyException>(() => VisitorRules.CheckFrame(Frame.BodyOneofCase.Send)).Code);
        Assert.Equal(ErrorCode.PermissionDenied, Assert.Throws<ParleyException>(() => VisitorRules.CheckRole(SessionRole.Listen)).Code);
    }

    [Theory]
    [InlineData(true, -1, false)]
    [InlineData(true, 0, true)]
    [InlineData(true, 1, true)]
    [InlineData(false, -1, true)]
    public void A_visit_is_over_at_its_time_or_without_its_host(bool isHostHere, int seconds, bool expected)
    {
        Assert.Equal(expected, VisitorRules.IsOver(_visitor, isHostHere, _end.AddSeconds(seconds)));
        Assert.False(VisitorRules.IsOver(_other, isHostHere, _end.AddSeconds(seconds)));
    }

    [Theory]
    [InlineData("private")]
    [InlineData("owner")]
    [InlineData("hub")]
    [InlineData("public")]
    public void Whatever_its_visibility_its_host_itself_and_admins_see_a_visitor(string visibility)
    {
        var visitor = _visitor with { Visibility = AgentVisibilityText.Parse(visibility) };
        var key = new Principal(Role.Member, "acme", null, ApiScopes.AllButAdmin, "k");

        Assert.True(AccessPolicy.MaySee(Principal.Of(_host.Address), visitor, isAccepted: true, isHost: true));
        Assert.True(AccessPolicy.MaySee(Principal.Of(visitor.Address), visitor, isAccepted: true));
        Assert.True(AccessPolicy.MaySee(Principal.Admin, visitor, isAccepted: false));
        Assert.False(AccessPolicy.MaySee(Principal.Of(_other.Address), visitor, isAccepted: true));
        Assert.False(AccessPolicy.MaySee(key, visitor, isAccepted: true));
        Assert.False(AccessPolicy.MaySee(Principal.Guest, visitor, isAccepted: true));
        Assert.False(AccessPolicy.SpeaksFor(key, visitor));
    }

    private static Agent AgentOf(long id, string name, Visit? visit)
    {
        var none = new Dictionary<string, string>();
        return new Agent(id, new AgentAddress("acme", name), [1], [], [], [], none, none, AgentVisibility.Owner, "t", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch) { Visit = visit };
    }
}
