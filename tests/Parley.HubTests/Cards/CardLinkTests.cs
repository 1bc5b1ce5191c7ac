using System.Text;
using System.Text.Json;
using Parley.Client.HubLink;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.HubTests.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Link;
using Parley.Protocol.Management;
using Parley.Testing;

namespace Parley.HubTests.Cards;

/// <summary>Cards that agents say over their links, and what outlives the link.</summary>
public sealed class CardLinkTests
{
    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agents_card_is_served_while_it_is_offline_and_after_the_hub_started_again()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("echo");
        await using (var listener = await hub.ConnectListenerAsync(agent, responder: null, cancellationToken: Timeout))
        {
            await PutAsync(listener.Link, """{"name":"other","url":"https://elsewhere.example","description":"Echoes."}""");
        }

        await hub.StopAsync();
        await hub.StartAgainAsync();

        var card = hub.Get<AgentCards>().CardOf(agent.Address, isExtended: false);
        Assert.Equal(("echo", "Echoes.", 1), (card.Name, card.Description, card.Signatures.Count));
        Assert.StartsWith(hub.Hub.Http.ToString(), card.SupportedInterfaces[0].Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_listener_said_that_it_can_do_is_remembered()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("echo");
        await using (await hub.ConnectListenerAsync(agent, responder: null, new ListenSetup { Capabilities = [ListenerCapabilities.Tools, ListenerCapabilities.Program] }, Timeout))
        {
        }

        await hub.StopAsync();
        await hub.StartAgainAsync();

        Assert.Equal([ListenerCapabilities.Program, ListenerCapabilities.Tools], hub.Get<AgentCards>().CapabilitiesOf(agent.Address).Order(StringComparer.Ordinal));
        Assert.Contains("answered by a program", hub.Get<AgentCards>().CardOf(agent.Address, isExtended: false).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_put_says_what_it_left_out()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("echo");
        await using var sender = await hub.ConnectSenderAsync(agent, cancellationToken: Timeout);

        var view = await PutAsync(sender.Link, """{"name":"other","signatures":[],"description":"Echoes."}""");

        Assert.Equal(["name", "signatures"], view.Ignored);
        Assert.Equal("""{"description":"Echoes."}""", view.Said!.Value.GetRawText());
    }

    [Fact]
    public async Task A_reset_brings_the_hubs_own_card_back()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("echo");
        await using var sender = await hub.ConnectSenderAsync(agent, cancellationToken: Timeout);
        await PutAsync(sender.Link, """{"description":"Echoes."}""");

        var view = await CallAsync(sender.Link, "card.reset", "{}");

        Assert.Equal("hub", view.Source);
        Assert.NotEqual("Echoes.", view.Card.GetProperty("description").GetString());
    }

    [Fact]
    public async Task An_agent_reads_its_owners_cards_and_changes_none_but_its_own()
    {
        await using var hub = await HubFixture.StartAsync();
        var (agent, sibling, stranger) = (await hub.EnrolAsync("echo"), await hub.EnrolAsync("other"), await hub.EnrolAsync("far", "elsewhere"));
        await using var sender = await hub.ConnectSenderAsync(agent, cancellationToken: Timeout);

        var read = await CallAsync(sender.Link, "card.get", $$"""{"agent":"{{sibling.Address}}"}""");
        var change = await Assert.ThrowsAsync<ParleyException>(() => CallAsync(sender.Link, "card.put", $$$"""{"agent":"{{{sibling.Address}}}","card":{"description":"Mine."}}"""));
        var hidden = await Assert.ThrowsAsync<ParleyException>(() => CallAsync(sender.Link, "card.get", $$"""{"agent":"{{stranger.Address}}"}"""));

        Assert.Equal(sibling.Address.ToString(), read.Agent);
        Assert.Equal((ErrorCode.PermissionDenied, ErrorCode.AgentUnknown), (change.Code, hidden.Code));
    }

    [Fact]
    public async Task A_card_follows_its_agent_to_a_new_name_and_goes_with_it()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("echo");
        var (cards, agents) = (hub.Get<AgentCards>(), hub.Get<AgentRegistry>());
        await cards.PutAsync(agent.Address, UploadedCard.Read("""{"description":"Echoes."}"""u8).Card, Timeout);

        var renamed = await agents.RenameAsync(agent.Address, "answer", Timeout);
        var followed = cards.CardOf(renamed.Address, isExtended: false);
        await agents.RemoveAsync(renamed.Address, Timeout);
        var again = await hub.EnrolAsync("answer");

        Assert.Equal(("answer", "Echoes."), (followed.Name, followed.Description));
        Assert.NotEqual("Echoes.", cards.CardOf(again.Address, isExtended: false).Description);
    }

    [Fact]
    public async Task Another_node_of_the_hub_serves_what_this_one_was_told()
    {
        await using var pair = await HubPair.OfTwoAsync(_ => { });
        var agent = await pair.EnrolAsync("echo");
        await using var listener = await pair.Far.ConnectListenerAsync(agent, responder: null, new ListenSetup { Capabilities = [ListenerCapabilities.Tools] }, Timeout);

        await PutAsync(listener.Link, """{"description":"Echoes."}""");

        var cards = pair.Near.Get<AgentCards>();
        await Deadline.UntilAsync(() => cards.CardOf(agent.Address, isExtended: false).Description == "Echoes.", "the other node to know the card");
        Assert.Equal([ListenerCapabilities.Tools], cards.CapabilitiesOf(agent.Address));
    }

    [Fact]
    public async Task The_extended_card_tells_what_the_hub_knows()
    {
        await using var hub = await HubFixture.StartAsync();
        var agent = await hub.EnrolAsync("echo");

        var (plain, extended) = (hub.Get<AgentCards>().CardOf(agent.Address, isExtended: false), hub.Get<AgentCards>().CardOf(agent.Address, isExtended: true));

        Assert.Empty(plain.Capabilities.Extensions);
        Assert.Equal(agent.Identity.Fingerprint, extended.Capabilities.Extensions.Single(one => one.Uri == CardBuilder.Extension).Params.Fields["fingerprint"].StringValue);
        Assert.Single(extended.Signatures);
    }

    [Fact]
    public async Task The_key_that_signs_is_the_same_after_a_restart_and_in_a_file_of_its_own()
    {
        await using var hub = await HubFixture.StartAsync();
        var before = Encoding.UTF8.GetString(hub.Get<CardSigner>().KeySet.Bytes.Span);

        await hub.StopAsync();
        await hub.StartAgainAsync();

        Assert.Equal(before, Encoding.UTF8.GetString(hub.Get<CardSigner>().KeySet.Bytes.Span));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(hub.DataFolder, CardKey.FileName)));
    }

    private static Task<CardView> PutAsync(HubLink link, string card) => CallAsync(link, "card.put", $$"""{"card":{{card}}}""");

    private static async Task<CardView> CallAsync(HubLink link, string operation, string arguments)
    {
        using var answer = await link.CallAsync(operation, Encoding.UTF8.GetBytes(arguments), Timeout);
        return answer.Deserialize(ManagementJson.Answers.ItemCardView)!.Data;
    }
}
