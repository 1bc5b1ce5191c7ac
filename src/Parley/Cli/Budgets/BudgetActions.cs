using System.CommandLine;
using System.Globalization;
using Parley.Cli.Admin;
using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Cli.Budgets;

/// <summary><c>budgets show</c>.</summary>
internal sealed class BudgetShowCommand : ParleyCommand
{
    private readonly Argument<string?> _agent = new("NAME") { Description = "Whose [default: this home's agent]", Arity = ArgumentArity.ZeroOrOne };

    public BudgetShowCommand()
        : base("show", "Show what an agent has used, and whether it is paused", new Example("parley budgets show", "this agent's own"))
    {
        Add(_agent);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    /// <summary>A budget as people read it.</summary>
    public static string Text(BudgetView view) => string.Join('\n', new[]
    {
        $"agent     {view.Agent}",
        $"status    {view.Status}{(view.Reason is null ? string.Empty : $": {view.Reason}")}",
        string.Create(CultureInfo.InvariantCulture, $"messages  {view.Messages}{(view.MessageLimit == 0 ? string.Empty : $" of {view.MessageLimit}")}"),
        string.Create(CultureInfo.InvariantCulture, $"tokens    {view.Tokens}{(view.TokenLimit == 0 ? string.Empty : $" of {view.TokenLimit}")}"),
        $"until     {(view.WindowEndsAt is { } at ? $"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "-")}",
    });

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (json, wish) = (ManagementJson.Answers, new BudgetArguments(parsed.GetValue(_agent)));
        await using var door = await HubDoor.OpenAsync(context, parsed, cancellationToken);
        var found = await door.CallAsync(
            "budgets.get",
            wish,
            json.BudgetArguments,
            json.ItemBudgetView,
            api => api.GetAsync($"/api/budgets/{Uri.EscapeDataString(wish.Agent ?? throw new ParleyException(ErrorCode.InvalidArgument, "As an admin, name the agent."))}", json.ItemBudgetView, cancellationToken),
            cancellationToken);
        context.Print(found.Data, json.BudgetView, Text);
        return 0;
    }
}

/// <summary><c>budgets set</c>.</summary>
internal sealed class BudgetSetCommand : AdminAction
{
    private readonly Argument<string> _agent = new("NAME") { Description = "Whose" };
    private readonly Option<long?> _messages = new("--messages") { HelpName = "N", Description = "Messages in a window; 0 = no limit" };
    private readonly Option<long?> _tokens = new("--tokens") { HelpName = "N", Description = "Tokens in a window, as its answers report them; 0 = no limit" };
    private readonly Option<bool> _default = new("--default") { Description = "The hub's limits again" };

    public BudgetSetCommand()
        : base("set", "Give an agent limits of its own", new Example("parley budgets set agent-a --messages 500 --tokens 200000", "whichever comes first"))
    {
        Add(_agent);
        Add(_messages);
        Add(_tokens);
        Add(_default);
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var wish = new BudgetArguments(null, parsed.GetValue(_messages), parsed.GetValue(_tokens), parsed.GetValue(_default));
        var answer = await call.Client.PatchAsync($"/api/budgets/{Uri.EscapeDataString(parsed.GetValue(_agent)!)}", wish, Json.BudgetArguments, Json.ItemBudgetView, cancellationToken);
        call.Print(answer.Data, Json.BudgetView, BudgetShowCommand.Text);
    }
}

/// <summary><c>budgets reset</c>.</summary>
internal sealed class BudgetResetCommand : AdminAction
{
    private readonly Argument<string> _agent = new("NAME") { Description = "Whose" };

    public BudgetResetCommand()
        : base("reset", "Let a paused agent go on, with a new window", new Example("parley budgets reset agent-a", "what it was refused meanwhile is not made up for")) => Add(_agent);

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var answer = await call.Client.PostAsync($"/api/budgets/{Uri.EscapeDataString(parsed.GetValue(_agent)!)}/reset", new BudgetArguments(), Json.BudgetArguments, Json.ItemBudgetView, cancellationToken);
        call.Print(answer.Data, Json.BudgetView, BudgetShowCommand.Text);
    }
}
