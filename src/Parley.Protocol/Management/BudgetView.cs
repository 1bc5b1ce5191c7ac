namespace Parley.Protocol.Management;

/// <summary>Arguments of the operations on budgets.</summary>
/// <param name="Agent">Whose; for <c>budgets.get</c> null: the calling agent's.</param>
/// <param name="Messages">For <c>budgets.set</c>: its limit of messages; 0 = none. Null: as it is.</param>
/// <param name="Tokens">For <c>budgets.set</c>: its limit of tokens; 0 = none. Null: as it is.</param>
/// <param name="Default">For <c>budgets.set</c>: the hub's limits hold again.</param>
/// <param name="Paused">For <c>budgets.list</c>: only those that are paused.</param>
/// <param name="Limit">For <c>budgets.list</c>: most entries.</param>
/// <param name="Offset">For <c>budgets.list</c>: entries to skip.</param>
public sealed record BudgetArguments(
    string? Agent = null, long? Messages = null, long? Tokens = null, bool Default = false, bool Paused = false, int? Limit = null, int? Offset = null);

/// <summary>What an agent has used in the present window, and may use.</summary>
/// <param name="Agent">Which.</param>
/// <param name="Status"><c>active</c> or <c>paused</c>.</param>
/// <param name="Reason">Why it is paused.</param>
/// <param name="PausedAt">Since when.</param>
/// <param name="Messages">Messages that it sent or was made to answer.</param>
/// <param name="MessageLimit">Its limit; 0 = none.</param>
/// <param name="Tokens">Tokens that its answers reported; counted where there is a limit.</param>
/// <param name="TokenLimit">Its limit; 0 = none.</param>
/// <param name="WindowEndsAt">When counting begins anew.</param>
public sealed record BudgetView(
    string Agent, string Status, string? Reason, DateTimeOffset? PausedAt, long Messages, long MessageLimit, long Tokens, long TokenLimit, DateTimeOffset? WindowEndsAt);
