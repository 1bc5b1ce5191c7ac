using Microsoft.Extensions.Options;
using Parley.Hub.Identity;
using Parley.Hub.Messaging;
using Parley.Hub.Messaging.Budgets;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management.Automation;

/// <summary>Operations on agents' budgets. An agent sees its own, and lets nobody go on; that is for its owner's keys and for admins, and only these go beyond the hub's limits.</summary>
internal sealed class BudgetOperations(AgentBudgets budgets, AgentRegistry agents, IOptions<MessagingOptions> options) : IOperationModule
{
    private const long MaxLimit = 1_000_000_000;

    private readonly ManagementJson _json = ManagementJson.Compact;

    /// <inheritdoc/>
    public IEnumerable<Operation> Operations =>
    [
        Operation.Of("budgets.list", Role.Agent, ApiScopes.AgentsRead, _json.BudgetArguments, _json.PageBudgetView, ListAsync),
        Operation.Of("budgets.get", Role.Agent, ApiScopes.AgentsRead, _json.BudgetArguments, _json.ItemBudgetView, GetAsync),
        Operation.Of("budgets.set", Role.Member, ApiScopes.Connections, _json.BudgetArguments, _json.ItemBudgetView, SetAsync),
        Operation.Of("budgets.reset", Role.Member, ApiScopes.Connections, _json.BudgetArguments, _json.ItemBudgetView, ResetAsync),
    ];

    private Task<Page<BudgetView>> ListAsync(OperationCall call, BudgetArguments arguments, CancellationToken cancellationToken)
    {
        var his = agents.All.Where(agent => AccessPolicy.SpeaksFor(call.Caller, agent)).Select(budgets.Of).Where(budget => !arguments.Paused || budget.PausedAt is not null)
            .OrderBy(budget => budget.PausedAt is null).ThenBy(budget => budget.Agent.ToString(), StringComparer.Ordinal).ToList();
        return Task.FromResult(Paging.Of(his, new ListArguments(arguments.Limit, arguments.Offset), ViewOf));
    }

    private Task<Item<BudgetView>> GetAsync(OperationCall call, BudgetArguments arguments, CancellationToken cancellationToken) =>
        Task.FromResult(new Item<BudgetView>(ViewOf(budgets.Of(Find(call.Caller, arguments.Agent)))));

    private async Task<Item<BudgetView>> SetAsync(OperationCall call, BudgetArguments arguments, CancellationToken cancellationToken)
    {
        var agent = Find(call.Caller, arguments.Agent);
        var (messages, tokens) = arguments.Default ? (null, null) : (arguments.Messages ?? OwnOf(agent).Messages, arguments.Tokens ?? OwnOf(agent).Tokens);
        if (messages is < 0 or > MaxLimit || tokens is < 0 or > MaxLimit)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"A limit is 0 to {MaxLimit}; 0 = none.");
        }

        if (call.Caller.Role != Role.Admin && (IsBeyond(messages, options.Value.BudgetMessages) || IsBeyond(tokens, options.Value.BudgetTokens)))
        {
            throw new ParleyException(ErrorCode.PermissionDenied, "Only an admin gives an agent more than the hub's limits.");
        }

        call.Remember(agent.Address.ToString(), $"messages {messages?.ToString() ?? "default"}, tokens {tokens?.ToString() ?? "default"}");
        return new Item<BudgetView>(ViewOf(await budgets.LimitAsync(agent, messages, tokens)));
    }

    private async Task<Item<BudgetView>> ResetAsync(OperationCall call, BudgetArguments arguments, CancellationToken cancellationToken)
    {
        var agent = Find(call.Caller, arguments.Agent);
        call.Remember(agent.Address.ToString());
        return new Item<BudgetView>(ViewOf(await budgets.ResetAsync(agent)));
    }

    private (long? Messages, long? Tokens) OwnOf(Agent agent) => budgets.OwnLimitsOf(agent);

    private static bool IsBeyond(long? own, long hub) => own is { } limit && hub > 0 && (limit == 0 || limit > hub);

    private Agent Find(Principal caller, string? text)
    {
        var agent = text is null ? caller.Agent is { } self ? agents.Find(self) : null : agents.Find(agents.Resolve(caller, text));
        return agent is not null && AccessPolicy.SpeaksFor(caller, agent) ? agent : throw new ParleyException(ErrorCode.AgentUnknown, "There is no such agent for you.");
    }

    private static BudgetView ViewOf(AgentBudget budget) => new(
        budget.Agent.ToString(), budget.PausedAt is null ? "active" : "paused", budget.Reason.Length > 0 ? budget.Reason : null, budget.PausedAt,
        budget.Messages, budget.MessageLimit, budget.Tokens, budget.TokenLimit, budget.EndsAt);
}
