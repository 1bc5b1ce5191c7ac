using System.CommandLine;
using System.Globalization;
using Parley.Cli.Admin;

namespace Parley.Cli.Budgets;

/// <summary><c>budgets list</c>.</summary>
internal sealed class BudgetListCommand : AdminAction
{
    private readonly Option<bool> _paused = new("--paused") { Description = "Only those that are paused" };

    public BudgetListCommand()
        : base("list", "List agents with what they have used, paused ones first", new Example("parley budgets list --json", "for a program"))
    {
        Add(_paused);
        ListOptions.AddTo(this);
    }

    protected override async Task RunAsync(AdminCall call, ParseResult parsed, CancellationToken cancellationToken)
    {
        var page = await call.Client.GetAsync(ListOptions.Path("/api/budgets", parsed, parsed.GetValue(_paused) ? "paused=true" : null), Json.PageBudgetView, cancellationToken);
        call.PrintList(
            page,
            Json.PageBudgetView,
            ["AGENT", "STATUS", "MESSAGES", "OF", "TOKENS", "OF", "UNTIL", "REASON"],
            view => [view.Agent, view.Status, Text(view.Messages), Limit(view.MessageLimit), Text(view.Tokens), Limit(view.TokenLimit), Time(view.WindowEndsAt), view.Reason ?? string.Empty]);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Limit(long limit) => limit == 0 ? "-" : Text(limit);
}
