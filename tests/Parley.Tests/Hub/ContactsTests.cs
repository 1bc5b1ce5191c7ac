using Parley.Hub.Identity;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.Hub;

public sealed class ContactsTests : IAsyncLifetime
{
    private static readonly AgentAddress _alice = new("alice", "laptop");
    private static readonly AgentAddress _bob = new("bob", "printer");
    private readonly IdentityKit _kit = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _kit.DisposeAsync();

    [Fact]
    public void An_owners_own_agents_are_accepted() =>
        Assert.Equal(ContactState.Accepted, _kit.Contacts.Check(_alice, new AgentAddress("alice", "server")));

    [Fact]
    public void A_stranger_is_pending() => Assert.Equal(ContactState.Pending, _kit.Contacts.Check(_alice, _bob));

    [Fact]
    public async Task Accepting_works_one_way_and_is_told()
    {
        var changes = new List<ContactChange>();
        _kit.Contacts.Changed += changes.Add;

        await _kit.Contacts.DecideAsync("bob", "alice.laptop", ContactState.Accepted);

        Assert.Equal(ContactState.Accepted, _kit.Contacts.Check(_alice, _bob));
        Assert.Equal(ContactState.Pending, _kit.Contacts.Check(_bob, _alice));
        Assert.Equal([new ContactChange("bob", "alice", "laptop", ContactState.Accepted)], changes);
    }

    [Fact]
    public async Task A_decision_on_one_agent_goes_before_one_on_its_owner()
    {
        await _kit.Contacts.DecideAsync("bob", "alice.*", ContactState.Accepted);
        await _kit.Contacts.DecideAsync("bob", "alice.laptop", ContactState.Blocked);

        Assert.Equal(ContactState.Blocked, _kit.Contacts.Check(_alice, _bob));
        Assert.Equal(ContactState.Accepted, _kit.Contacts.Check(new AgentAddress("alice", "server"), _bob));
    }

    [Fact]
    public async Task A_noted_sender_waits_in_the_list_and_does_not_hide_the_owners_decision()
    {
        await _kit.Contacts.NoteAsync(_alice, _bob);
        await _kit.Contacts.NoteAsync(_alice, _bob);
        await _kit.Contacts.DecideAsync("bob", "alice.*", ContactState.Accepted);

        Assert.Equal(["alice.laptop", "alice.*"], _kit.Contacts.ListOf("bob").Select(contact => contact.Sender));
        Assert.Equal(ContactState.Accepted, _kit.Contacts.Check(_alice, _bob));
    }

    [Fact]
    public async Task A_sender_that_only_waits_for_a_decision_brings_none_to_the_name_that_it_is_given()
    {
        var sender = await _kit.AddAsync("alice", "bar");
        await _kit.Contacts.DecideAsync("bob", "alice.foo", ContactState.Blocked);
        await _kit.Contacts.NoteAsync(sender.Address, _bob);

        var renamed = await _kit.Agents.RenameAsync(sender.Address, "foo");
        var now = _kit.Contacts.Check(renamed.Address, _bob);
        var again = new IdentityKit(_kit.Store);
        await again.Contacts.LoadAsync();

        Assert.Equal((ContactState.Blocked, ContactState.Blocked), (now, again.Contacts.Check(renamed.Address, _bob)));
        Assert.Equal(["alice.foo"], again.Contacts.ListOf("bob").Select(contact => contact.Sender));
    }

    [Fact]
    public async Task The_list_of_waiting_senders_is_bounded()
    {
        for (var number = 0; number < IdentityKit.MaxPending + 5; number++)
        {
            await _kit.Contacts.NoteAsync(new AgentAddress("alice", $"a{number}"), _bob);
        }

        Assert.Equal(IdentityKit.MaxPending, _kit.Contacts.ListOf("bob").Count);
    }

    [Fact]
    public async Task Of_two_decisions_at_once_the_later_commit_stands()
    {
        await BackwardContext.RunAsync(
            _kit, () => _kit.Contacts.DecideAsync("bob", "alice.laptop", ContactState.Accepted), () => _kit.Contacts.DecideAsync("bob", "alice.laptop", ContactState.Blocked));

        Assert.Equal(ContactState.Blocked, _kit.Contacts.Check(_alice, _bob));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("*.laptop")]
    [InlineData(".*")]
    [InlineData("")]
    public async Task A_sender_is_an_address_or_all_of_an_owner(string sender)
    {
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => _kit.Contacts.DecideAsync("bob", sender, ContactState.Accepted));

        Assert.Equal(ErrorCode.InvalidArgument, refusal.Code);
    }
}
