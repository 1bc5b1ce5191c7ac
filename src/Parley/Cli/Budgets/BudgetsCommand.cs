using Parley.Cli.Admin;

namespace Parley.Cli.Budgets;

/// <summary><c>parley budgets</c>: what agents may do in a window of time before they are paused.</summary>
internal sealed class BudgetsCommand : ParleyCommand
{
    public BudgetsCommand()
        : base(
            "budgets",
            "See what agents have used of their budgets, and let paused ones go on",
            new Example("parley budgets list --paused", "who ran away"),
            new Example("parley budgets reset agent-a", "it goes on, with a new window"),
            new Example("parley budgets set agent-a --messages 500", "pause it after 500 messages in a window"))
    {
        AdminClient.AddTo(this);
        Add(new BudgetListCommand());
        Add(new BudgetShowCommand());
        Add(new BudgetSetCommand());
        Add(new BudgetResetCommand());
    }
}
