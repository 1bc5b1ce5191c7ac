using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.Hub;

public sealed class AgentRegistryTests : IAsyncLifetime
{
    private readonly IdentityKit _kit = new();
    private readonly List<AgentChange> _changes = [];

    public ValueTask InitializeAsync()
    {
        _kit.Agents.Changed += _changes.Add;
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public async Task A_bare_name_is_the_own_owners_agent_first()
    {
        var own = await _kit.AddAsync("alice", "printer");
        await _kit.AddAsync("bob", "printer");
        await _kit.Contacts.DecideAsync("alice", "bob.printer", ContactState.Accepted);

        var resolved = _kit.Agents.Resolve(CallerOf("alice"), "printer");

        Assert.Equal(own.Address, resolved);
    }

    [Fact]
    public async Task A_bare_name_is_else_the_only_accepted_contact_of_that_name()
    {
        var accepted = await _kit.AddAsync("bob", "printer");
        await _kit.AddAsync("stranger", "printer");
        await _kit.Contacts.DecideAsync("alice", "bob.*", ContactState.Accepted);

        Assert.Equal(accepted.Address, _kit.Agents.Resolve(CallerOf("alice"), "printer"));
    }

    [Fact]
    public async Task A_bare_name_is_never_a_strangers()
    {
        await _kit.AddAsync("stranger", "printer");

        var refusal = Assert.Throws<ParleyException>(() => _kit.Agents.Resolve(CallerOf("alice"), "printer"));

        Assert.Equal(ErrorCode.AgentUnknown, refusal.Code);
    }

    [Fact]
    public async Task A_bare_name_of_two_contacts_is_ambiguous()
    {
        await _kit.AddAsync("bob", "printer");
        await _kit.AddAsync("carol", "printer");
        await _kit.Contacts.DecideAsync("alice", "bob.*", ContactState.Accepted);
        await _kit.Contacts.DecideAsync("alice", "carol.printer", ContactState.Accepted);

        var refusal = Assert.Throws<ParleyException>(() => _kit.Agents.Resolve(CallerOf("alice"), "printer"));

        Assert.Equal(ErrorCode.AgentAmbiguous, refusal.Code);
    }

    [Fact]
    public async Task A_full_address_reaches_a_stranger_who_may_then_decide()
    {
        var stranger = await _kit.AddAsync("stranger", "printer");

        Assert.Equal(stranger.Address, _kit.Agents.Resolve(CallerOf("alice"), "stranger.printer"));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("alice.nobody")]
    [InlineData("alice.")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a b")]
    public async Task What_is_no_agent_is_unknown(string text)
    {
        await _kit.AddAsync("alice", "printer");

        var refusal = Assert.Throws<ParleyException>(() => _kit.Agents.Resolve(CallerOf("alice"), text));

        Assert.Equal(ErrorCode.AgentUnknown, refusal.Code);
    }

    [Fact]
    public async Task Callers_see_their_owners_agents_accepted_ones_and_public_ones()
    {
        await _kit.AddAsync("alice", "own");
        await _kit.AddAsync("bob", "friend");
        await _kit.AddAsync("carol", "hidden");
        var open = await _kit.AddAsync("dave", "open");
        await _kit.Contacts.DecideAsync("alice", "bob.*", ContactState.Accepted);
        await _kit.Agents.SetLabelsAsync(open.Address, null, AgentVisibility.Public, mayOverrule: false);

        Assert.Equal(["alice.own", "bob.friend", "dave.open"], NamesOf(_kit.Agents.VisibleTo(CallerOf("alice"))));
        Assert.Equal(4, _kit.Agents.VisibleTo(Principal.Admin).Count);
        Assert.Equal(["dave.open"], NamesOf(_kit.Agents.VisibleTo(Principal.Guest)));
    }

    [Fact]
    public async Task An_agent_that_may_not_be_seen_looks_like_none()
    {
        await _kit.AddAsync("carol", "hidden");

        var hidden = Assert.Throws<ParleyException>(() => _kit.Agents.FindVisible(CallerOf("alice"), "carol.hidden"));
        var missing = Assert.Throws<ParleyException>(() => _kit.Agents.FindVisible(CallerOf("alice"), "carol.missing"));

        Assert.Equal((missing.Code, missing.Message), (hidden.Code, hidden.Message));
    }

    [Fact]
    public async Task A_selector_picks_by_label()
    {
        await _kit.AddAsync("alice", "a", "os=linux,site=berlin");
        await _kit.AddAsync("alice", "b", "os=linux");

        Assert.Equal(["alice.b"], NamesOf(_kit.Agents.Select(CallerOf("alice"), LabelSelector.Parse("os=linux,site!=berlin"))));
    }

    [Fact]
    public async Task A_removed_agent_is_gone_and_told()
    {
        var agent = await _kit.AddAsync("alice", "printer");

        await _kit.Agents.RemoveAsync(agent.Address);

        Assert.Null(_kit.Agents.Find(agent.Address));
        Assert.Equal(new AgentChange(AgentChangeKind.Revoked, agent.Address), _changes[^1]);
    }

    [Fact]
    public async Task Revoking_a_token_removes_its_agents_unless_they_are_kept()
    {
        var (token, secret) = await _kit.Tokens.CreateAsync(IdentityKit.Wish("alice"), "admin");
        await _kit.JoinAsync(secret, "one");
        await _kit.JoinAsync(secret, "two");
        var (keptToken, kept) = await _kit.Tokens.CreateAsync(IdentityKit.Wish("alice"), "admin");
        await _kit.JoinAsync(kept, "three");

        var removed = await _kit.Tokens.RevokeAsync(token.Id, keepAgents: false);
        var spared = await _kit.Tokens.RevokeAsync(keptToken.Id, keepAgents: true);

        Assert.Equal(["alice.one", "alice.two"], removed.Select(address => address.ToString()));
        Assert.Empty(spared);
        Assert.Equal(["alice.three"], NamesOf(_kit.Agents.VisibleTo(Principal.Admin)));
        Assert.Equal(2, _changes.Count(change => change.Kind == AgentChangeKind.Revoked));
    }

    [Fact]
    public async Task A_renamed_agent_answers_to_the_new_name_only_and_keeps_its_standing()
    {
        var agent = await _kit.AddAsync("alice", "old");
        await _kit.Contacts.DecideAsync("bob", "alice.old", ContactState.Accepted);

        var renamed = await _kit.Agents.RenameAsync(agent.Address, "new");

        Assert.Null(_kit.Agents.Find(agent.Address));
        Assert.Equal(agent.Id, renamed.Id);
        Assert.True(_kit.Contacts.IsAccepted("bob", renamed.Address));
        Assert.False(_kit.Contacts.IsAccepted("bob", agent.Address));
        Assert.Equal(new AgentChange(AgentChangeKind.Renamed, agent.Address, renamed.Address), _changes[^1]);
    }

    [Fact]
    public async Task A_name_given_again_inherits_no_trust()
    {
        var agent = await _kit.AddAsync("alice", "printer");
        await _kit.Contacts.DecideAsync("bob", "alice.printer", ContactState.Accepted);

        await _kit.Agents.RemoveAsync(agent.Address);
        await _kit.AddAsync("alice", "printer");

        Assert.False(_kit.Contacts.IsAccepted("bob", agent.Address));
    }

    [Fact]
    public async Task A_reset_key_is_empty_so_that_no_signature_verifies()
    {
        var agent = await _kit.AddAsync("alice", "printer");

        await _kit.Agents.ResetKeyAsync(agent.Address);

        Assert.True(_kit.Agents.Find(agent.Address)!.IsKeyReset);
        Assert.Equal(AgentChangeKind.KeyReset, _changes[^1].Kind);
    }

    [Fact]
    public async Task Everything_comes_back_from_the_store()
    {
        var agent = await _kit.AddAsync("alice", "printer", "os=linux");
        await _kit.Contacts.DecideAsync("bob", "alice.*", ContactState.Accepted);

        var again = new IdentityKit(_kit.Store);
        await again.Contacts.LoadAsync();
        await again.Agents.LoadAsync();

        Assert.Equivalent(agent, again.Agents.Find(agent.Address), strict: true);
        Assert.True(again.Contacts.IsAccepted("bob", agent.Address));
    }

    [Fact]
    public async Task A_change_of_another_node_is_seen_after_a_reload()
    {
        var agent = await _kit.AddAsync("alice", "printer");
        var other = new IdentityKit(_kit.Store);
        await other.Agents.LoadAsync();
        await other.Agents.RemoveAsync(agent.Address);

        await _kit.Agents.ReloadAsync(agent.Address);

        Assert.Equal(new AgentChange(AgentChangeKind.Revoked, agent.Address, IsFromElsewhere: true), _changes[^1]);
    }

    [Fact]
    public async Task An_agent_that_changes_while_it_is_removed_stays_removed()
    {
        var agent = await _kit.AddAsync("alice", "printer");

        await BackwardContext.RunAsync(
            _kit,
            () => _kit.Agents.SetLabelsAsync(agent.Address, new Dictionary<string, string> { ["n"] = "1" }, null, mayOverrule: false),
            () => _kit.Agents.RemoveAsync(agent.Address));

        Assert.Null(_kit.Agents.Find(agent.Address));
        Assert.Equal([AgentChangeKind.LabelsChanged, AgentChangeKind.Revoked], _changes.TakeLast(2).Select(change => change.Kind));
    }

    [Fact]
    public async Task A_key_that_is_reset_while_its_agent_changes_stays_reset()
    {
        var agent = await _kit.AddAsync("alice", "printer");

        await BackwardContext.RunAsync(
            _kit, () => _kit.Agents.SetTaskRetentionAsync(agent.Address, TimeSpan.FromDays(1)), () => _kit.Agents.ResetKeyAsync(agent.Address));

        Assert.True(_kit.Agents.Find(agent.Address)!.IsKeyReset);
    }

    [Fact]
    public async Task A_change_that_is_refused_holds_up_no_other()
    {
        var agent = await _kit.AddAsync("alice", "printer");

        await BackwardContext.RunAsync(
            _kit,
            () => Assert.ThrowsAsync<ParleyException>(() => _kit.Agents.RemoveAsync(new AgentAddress("alice", "nobody"))),
            () => _kit.Agents.RemoveAsync(agent.Address));

        Assert.Null(_kit.Agents.Find(agent.Address));
    }

    [Fact]
    public async Task A_decision_on_an_agent_goes_with_it_over_one_on_its_new_name()
    {
        var agent = await _kit.AddAsync("alice", "old");
        await _kit.Contacts.DecideAsync("bob", "alice.old", ContactState.Accepted);
        await _kit.Contacts.DecideAsync("bob", "alice.new", ContactState.Blocked);
        await _kit.Contacts.DecideAsync("carol", "alice.new", ContactState.Blocked);

        var renamed = await _kit.Agents.RenameAsync(agent.Address, "new");
        var again = new IdentityKit(_kit.Store);
        await again.Contacts.LoadAsync();

        foreach (var contacts in new[] { _kit.Contacts, again.Contacts })
        {
            Assert.Equal(ContactState.Accepted, contacts.Check(renamed.Address, new AgentAddress("bob", "b")));
            Assert.Equal(ContactState.Blocked, contacts.Check(renamed.Address, new AgentAddress("carol", "c")));
        }
    }

    private static Principal CallerOf(string owner) => Principal.Of(new AgentAddress(owner, "caller"));

    private static IEnumerable<string> NamesOf(IReadOnlyList<Agent> agents) => agents.Select(agent => agent.Address.ToString());
}
