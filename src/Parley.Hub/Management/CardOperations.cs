using System.Text.Json;
using System.Runtime.InteropServices;
using Parley.Hub.AgentApi.Cards;
using Parley.Hub.Identity;
using Parley.Hub.Identity.Keys;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>Operations on agent cards: reading one, and saying what stands in one's own.</summary>
internal sealed class CardOperations(AgentRegistry agents, AgentCards cards, HubAddresses addresses) : IOperationModule
{
    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("card.get", Role.Agent, ApiScopes.AgentsRead, _json.CardArguments, _json.ItemCardView, GetAsync),
        Operation.Of("card.put", Role.Agent, ApiScopes.AgentsRead, _json.CardArguments, _json.ItemCardView, PutAsync),
        Operation.Of("card.reset", Role.Agent, ApiScopes.AgentsRead, _json.CardArguments, _json.ItemCardView, ResetAsync),
    ];

    private Task<Item<CardView>> GetAsync(OperationCall call, CardArguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new Item<CardView>(View(Find(call.Caller, arguments))));

    private async Task<Item<CardView>> PutAsync(OperationCall call, CardArguments arguments, CancellationToken cancellationToken)
    {
        var agent = FindOwn(call.Caller, arguments);
        var card = arguments.Card ?? throw new ParleyException(ErrorCode.InvalidArgument, "The card is missing.") { Field = "card" };
        var uploaded = UploadedCard.Read(JsonMarshal.GetRawUtf8Value(card));
        await cards.PutAsync(agent.Address, uploaded.Card, cancellationToken);
        call.Remember(agent.Address.ToString());
        return new Item<CardView>(View(agent) with { Ignored = uploaded.Ignored });
    }

    private async Task<Item<CardView>> ResetAsync(OperationCall call, CardArguments arguments, CancellationToken cancellationToken)
    {
        var agent = FindOwn(call.Caller, arguments);
        await cards.ResetAsync(agent.Address, cancellationToken);
        call.Remember(agent.Address.ToString());
        return new Item<CardView>(View(agent));
    }

    private Agent Find(Principal caller, CardArguments arguments)
    {
        var name = arguments.Agent ?? caller.Agent?.ToString() ?? throw new ParleyException(ErrorCode.InvalidArgument, "Whose card is missing.") { Field = "agent" };
        return agents.FindVisible(caller, name);
    }

    private Agent FindOwn(Principal caller, CardArguments arguments)
    {
        var agent = Find(caller, arguments);
        return AccessPolicy.MayLabel(caller, agent) ? agent : throw new ParleyException(ErrorCode.PermissionDenied, "Only the agent itself and admins change its card.");
    }

    private CardView View(Agent agent)
    {
        var served = cards.Serve(agent.Address, isExtended: false, addresses.Http);
        var stored = cards.UploadedBy(agent.Address);
        return new CardView(
            agent.Address.ToString(),
            agent.Visibility.ToText(),
            stored is null ? "hub" : "agent",
            served.IsSigned,
            Parse(served.Form("1.0").Bytes),
            stored?.UpdatedAt,
            stored is null ? null : Parse(UploadedCard.ToJson(stored.Card)));
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
