using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Identity;

public sealed class InviteLinkTests
{
    private static readonly InviteLink _link = new()
    {
        Page = new Uri("https://hub.example.org:7420/p2p"),
        HubId = "h_abcdefghij",
        Visitor = new AgentAddress("local", "bob"),
        Host = new AgentAddress("local", "agent-a"),
        HostKey = Enumerable.Range(0, 32).Select(static value => (byte)value).ToArray(),
        Secret = "iv_" + new string('s', 32),
        StunServers = ["stun:stun.example.org:3478", "stun:[2001:db8::1]:3478"],
    };

    [Fact]
    public void The_link_is_always_the_same() => Golden.Verify("invite-link", _link.Reveal() + "\n");

    [Fact]
    public void Nothing_of_the_secret_is_before_the_fragment_or_in_what_is_printed_elsewhere()
    {
        var parts = _link.Reveal().Split('#');

        Assert.Equal("https://hub.example.org:7420/p2p", parts[0]);
        Assert.DoesNotContain(_link.Secret, $"{_link}", StringComparison.Ordinal);
        Assert.DoesNotContain(parts[1], $"{_link}", StringComparison.Ordinal);
    }

    [Fact]
    public void Servers_beyond_a_field_are_refused()
    {
        var crowded = _link with { StunServers = [.. Enumerable.Repeat("stun:stun.example.org:3478", 10)] };

        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => crowded.Reveal()).Code);
    }
}
