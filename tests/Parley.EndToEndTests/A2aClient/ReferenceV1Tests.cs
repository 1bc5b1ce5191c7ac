using Parley.Gateway.A2a;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Errors;
using Task = System.Threading.Tasks.Task;

namespace Parley.EndToEndTests.A2aClient;

/// <summary>Version 1 of the reference implementation.</summary>
public sealed class ReferenceV1Tests() : ReferenceServerSpec(A2aVersion.V1)
{
    [Theory]
    [MemberData(nameof(Bindings))]
    public async Task Tasks_are_listed_page_by_page(A2aBinding binding)
    {
        var client = await ClientAsync(binding);
        var made = new HashSet<string>();
        for (var count = 0; count < 3; count++)
        {
            made.Add((await client.SendAsync(Say("work"), Timeout)).Task.Id);
        }

        var listed = new HashSet<string>();
        var page = new ListTasksResponse();
        do
        {
            page = await client.ListTasksAsync(new ListTasksRequest { PageSize = 2, PageToken = page.NextPageToken, Status = TaskState.Completed }, Timeout);
            listed.UnionWith(page.Tasks.Select(task => task.Id));
        }
        while (page.NextPageToken.Length > 0);

        Assert.Equal(made.Order(), listed.Order());
    }

    [Fact]
    public async Task The_signature_of_its_card_is_verified_and_a_changed_card_is_not()
    {
        var card = await Server.CardAsync(Timeout);
        var verifier = new CardVerifier(Server.Invoker, Server.Options);
        var changed = card.Card.Clone();
        changed.Description = "Does what you like.";

        var good = await verifier.CheckAsync(card, Timeout);
        var bad = await verifier.CheckAsync(card with { Card = changed }, Timeout);

        Assert.Equal((CardTrust.Verified, "key-1"), (good.Trust, good.KeyId));
        Assert.Equal(CardTrust.Wrong, bad.Trust);
    }

    [Fact]
    public async Task Without_proof_the_extended_card_is_refused()
    {
        var endpoint = (await ClientAsync(A2aBinding.JsonRpc)).Endpoint;
        var stranger = Parley.Gateway.Client.A2aClient.Create(Server.Invoker, endpoint, new A2aClientOptions());

        var card = await Record.ExceptionAsync(() => stranger.GetExtendedCardAsync(Timeout));

        Assert.True(card is null or ParleyException, card?.ToString());
    }
}
