using Parley.Hub.Identity;
using Parley.Hub.Identity.Visitors;
using Parley.Hub.Management;
using Parley.HubTests.Peering;
using Parley.Protocol.Errors;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Pages;

/// <summary>Invites are good once and for a while; a visitor ends with its time, its invite or its host.</summary>
public sealed class VisitorLifeTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("used")]
    [InlineData("expired")]
    [InlineData("revoked")]
    [InlineData("replaced")]
    [InlineData("of a host that is gone")]
    [InlineData("for another name")]
    [InlineData("unknown")]
    public async Task A_secret_that_is_no_good_is_refused_in_the_same_words(string why)
    {
        var time = new FakeTimeProvider();
        await using var hub = await HubFixture.StartAsync(time: time);
        hub.ClientTime = time;
        var alice = await hub.EnrolAsync("alice");
        var invites = hub.Get<Invites>();
        var (_, secret) = await invites.CreateAsync(AgentOf(hub, alice), "bob", _hour, Stop);
        switch (why)
        {
            case "used":
                await hub.EnrolWithAsync(secret, "bob");
                break;
            case "expired":
                time.Advance(_hour);
                break;
            case "revoked":
                await invites.RevokeAsync(AgentOf(hub, alice), "bob", Stop);
                break;
            case "replaced":
                await invites.CreateAsync(AgentOf(hub, alice), "bob", _hour, Stop);
                break;
            case "of a host that is gone":
                await hub.Get<AgentRegistry>().RemoveAsync(alice.Address, Stop);
                break;
            case "unknown":
                secret = "iv_" + new string('a', 32);
                break;
        }

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => hub.EnrolWithAsync(secret, why == "for another name" ? "eve" : "bob"));

        Assert.Equal((ErrorCode.JoinRefused, "The join string is not valid, or not any more."), (refusal.Code, refusal.Message));
    }

    [Fact]
    public async Task Of_many_that_redeem_an_invite_at_once_one_wins()
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        var (_, secret) = await hub.Get<Invites>().CreateAsync(AgentOf(hub, alice), "bob", _hour, Stop);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                await hub.EnrolWithAsync(secret, "bob");
                return true;
            }
            catch (ParleyException)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, static won => won);
    }

    [Theory]
    [InlineData("its time")]
    [InlineData("its host's word")]
    [InlineData("its host")]
    public async Task A_visitor_ends_with(string what)
    {
        var time = new FakeTimeProvider();
        await using var hub = await HubFixture.StartAsync(time: time);
        hub.ClientTime = time;
        var alice = await hub.EnrolAsync("alice");
        var bob = await hub.EnrolVisitorAsync(alice, "bob", TimeSpan.FromMinutes(1));
        await using var link = await SignallingTests.AttachAsync(hub, bob, "b");

        switch (what)
        {
            case "its host's word":
                await hub.Get<Invites>().RevokeAsync(AgentOf(hub, alice), "bob", Stop);
                break;
            case "its host":
                await hub.Get<AgentRegistry>().RemoveAsync(alice.Address, Stop);
                time.Advance(TimeSpan.FromSeconds(1));
                break;
            default:
                time.Advance(TimeSpan.FromMinutes(1));
                break;
        }

        var goodbye = (await link.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye;
        var back = await Assert.ThrowsAsync<InvalidOperationException>(() => SignallingTests.AttachAsync(hub, bob, "b"));

        Assert.Equal(("agent.revoked", false), (goodbye.Code, goodbye.MayReturn));
        Assert.Contains("link.proof", back.Message, StringComparison.Ordinal);
        Assert.Null(hub.Get<AgentRegistry>().Find(bob.Address));
    }

    [Fact]
    public async Task Invites_and_visitors_are_there_again_after_a_restart()
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        var bob = await hub.EnrolVisitorAsync(alice, "bob");
        var (_, secret) = await hub.Get<Invites>().CreateAsync(AgentOf(hub, alice), "dave", _hour, Stop);
        var before = AgentOf(hub, bob).Visit;

        await hub.StopAsync();
        await hub.StartAgainAsync();
        await hub.EnrolWithAsync(secret, "dave");
        await using var link = await SignallingTests.AttachAsync(hub, bob, "b");
        link.Outbox.Send(new Frame { Await = new Await { Ids = { "x" } } });

        Assert.Equal("permission_denied", (await link.ReadAsync(Frame.BodyOneofCase.Goodbye, Stop)).Goodbye.Code);
        Assert.Equal(before!.HostId, AgentOf(hub, bob).Visit!.HostId);
        Assert.Equal(before.EndsAt.ToUnixTimeMilliseconds(), AgentOf(hub, bob).Visit!.EndsAt.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task A_visitor_stands_in_nobodys_lists_but_its_hosts_and_the_admins()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, carol) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("carol"));
        var bob = await hub.EnrolVisitorAsync(alice, "bob");
        var agents = hub.Get<AgentRegistry>();
        var key = new Principal(Role.Member, "acme", null, ApiScopes.AllButAdmin, "k");
        await agents.SetLabelsAsync(bob.Address, null, AgentVisibility.Public, mayOverrule: true, Stop);

        bool Sees(Principal caller) => agents.VisibleTo(caller).Any(agent => agent.Address == bob.Address);

        Assert.Equal((true, true, true), (Sees(Principal.Of(alice.Address)), Sees(Principal.Admin), Sees(Principal.Of(bob.Address))));
        Assert.Equal((false, false, false), (Sees(Principal.Of(carol.Address)), Sees(key), Sees(Principal.Guest)));
        Assert.DoesNotContain(agents.VisibleTo(Principal.Of(bob.Address)), agent => agent.Address == carol.Address);
        Assert.False(AccessPolicy.SpeaksFor(key, AgentOf(hub, bob)));
        Assert.All([Principal.Of(carol.Address), key, Principal.Guest], caller => Assert.Throws<ParleyException>(() => agents.FindVisible(caller, "acme.bob")));
    }

    [Theory]
    [InlineData("alice", 60, ErrorCode.NameTaken)]
    [InlineData("p2p", 60, ErrorCode.NameReserved)]
    [InlineData("Bob", 60, ErrorCode.NameInvalid)]
    [InlineData("bob", 0.5, ErrorCode.InvalidArgument)]
    [InlineData("bob", 100_000, ErrorCode.InvalidArgument)]
    public async Task An_invite_that_cannot_be_is_refused(string name, double minutes, ErrorCode code)
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => hub.Get<Invites>().CreateAsync(AgentOf(hub, alice), name, TimeSpan.FromMinutes(minutes), Stop));

        Assert.Equal(code, refusal.Code);
    }

    [Fact]
    public async Task An_agent_has_so_many_visitors_and_open_invites_and_no_more()
    {
        await using var hub = await HubFixture.StartAsync(options => options.Visitors.VisitorsPerAgent = 2);
        var (alice, carol) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("carol"));
        var invites = hub.Get<Invites>();
        await hub.EnrolVisitorAsync(alice, "bob");
        await invites.CreateAsync(AgentOf(hub, alice), "dave", _hour, Stop);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => invites.CreateAsync(AgentOf(hub, alice), "eve", _hour, Stop));
        await invites.CreateAsync(AgentOf(hub, alice), "dave", _hour, Stop);
        await invites.CreateAsync(AgentOf(hub, carol), "eve", _hour, Stop);
        await invites.RevokeAsync(AgentOf(hub, alice), "bob", Stop);
        await invites.CreateAsync(AgentOf(hub, alice), "frank", _hour, Stop);

        Assert.Equal(ErrorCode.JoinLimit, refusal.Code);
    }

    [Fact]
    public async Task Nobody_but_its_host_ends_a_visit()
    {
        await using var hub = await HubFixture.StartAsync();
        var (alice, carol) = (await hub.EnrolAsync("alice"), await hub.EnrolAsync("carol"));
        var bob = await hub.EnrolVisitorAsync(alice, "bob");

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => hub.Get<Invites>().RevokeAsync(AgentOf(hub, carol), "bob", Stop));
        var plain = await Assert.ThrowsAsync<ParleyException>(() => hub.Get<Invites>().RevokeAsync(AgentOf(hub, alice), "carol", Stop));

        Assert.Equal((ErrorCode.NotFound, ErrorCode.NotFound), (refusal.Code, plain.Code));
        Assert.NotNull(hub.Get<AgentRegistry>().Find(bob.Address));
    }

    [Fact]
    public async Task The_secret_is_in_no_log_and_in_no_file()
    {
        await using var hub = await HubFixture.StartAsync();
        var alice = await hub.EnrolAsync("alice");
        var call = "{\"visitor\":\"bob\"}"u8.ToArray();
        var answer = System.Text.Json.JsonDocument.Parse(await hub.Get<Operations>().InvokeAsync(Principal.Of(alice.Address), "invites.create", call, "test", Stop));
        var secret = answer.RootElement.GetProperty("data").GetProperty("secret").GetString()!;
        await hub.EnrolWithAsync(secret, "bob");

        Assert.StartsWith("iv_", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, hub.Log.ToString(), StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(hub.DataFolder, "*", SearchOption.AllDirectories))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await open.CopyToAsync(copy, Stop);
            Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(copy.ToArray()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_caller_that_is_no_agent_does_not_invite()
    {
        await using var hub = await HubFixture.StartAsync();
        await hub.EnrolAsync("alice");
        var key = new Principal(Role.Member, "acme", null, ApiScopes.AllButAdmin, "k");

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => hub.Get<Operations>().InvokeAsync(key, "invites.create", "{\"visitor\":\"bob\"}"u8.ToArray(), "test", Stop));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }

    private static Agent AgentOf(HubFixture hub, EnrolledAgent agent) => hub.Get<AgentRegistry>().Find(agent.Address)!;
}
