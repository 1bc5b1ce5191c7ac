namespace Parley.Protocol.Management;

/// <summary>Arguments of an operation that takes none.</summary>
public sealed record NoArguments;

/// <summary>Arguments of every list.</summary>
/// <param name="Limit">Most entries; 1 to 1,000, default 100.</param>
/// <param name="Offset">Entries to skip.</param>
/// <param name="Selector">For agents: <c>k=v</c>, <c>k!=v</c>, comma = and.</param>
/// <param name="Owner">For contacts, from an admin: whose.</param>
public sealed record ListArguments(int? Limit = null, int? Offset = null, string? Selector = null, string? Owner = null);

/// <summary>Arguments of operations on one agent.</summary>
/// <param name="Agent">Name or address.</param>
/// <param name="Name">For <c>agents.rename</c>: the new name.</param>
/// <param name="Labels">For <c>agents.label</c>: all labels from now on; null keeps them.</param>
/// <param name="Visibility">For <c>agents.label</c>: who may know of it: <c>private</c>, <c>owner</c>, <c>hub</c> or <c>public</c>; null keeps it.</param>
/// <param name="TaskRetention">For <c>agents.label</c>: how long its tasks are kept after their last change, a duration of 1 minute to 3650 days, or <c>default</c> for the hub's; null keeps it.</param>
public sealed record AgentArguments(
    string Agent,
    string? Name = null,
    Dictionary<string, string>? Labels = null,
    string? Visibility = null,
    string? TaskRetention = null);

/// <summary>Arguments of <c>tokens.create</c>.</summary>
/// <param name="Owner">The owner of the agents; default <c>local</c>.</param>
/// <param name="Labels">Labels that the agents get and cannot change.</param>
/// <param name="MaxAgents">Most agents of this token at a time.</param>
/// <param name="MaxUses">How often it may be redeemed; 0 = any number. Default 1, or any number when <paramref name="MaxAgents"/> is given.</param>
/// <param name="ExpiresIn">Seconds; 0 = never. Default 86,400.</param>
public sealed record TokenArguments(
    string? Owner = null, Dictionary<string, string>? Labels = null, long? MaxAgents = null, long? MaxUses = null, long? ExpiresIn = null);

/// <summary>Arguments of <c>tokens.revoke</c> and <c>keys.revoke</c>.</summary>
/// <param name="Id">Which.</param>
/// <param name="KeepAgents">For tokens: spare the agents that it enrolled; else they are removed and their links cut.</param>
public sealed record RevokeArguments(string Id, bool KeepAgents = false);

/// <summary>Arguments of <c>keys.create</c>.</summary>
/// <param name="Owner">For whom its holder acts; default <c>local</c>.</param>
/// <param name="Scopes">What it is good for; default <c>messages</c>, <c>agents:read</c>.</param>
/// <param name="ExpiresIn">Seconds; 0 or absent = never.</param>
public sealed record KeyArguments(string? Owner = null, IReadOnlyList<string>? Scopes = null, long? ExpiresIn = null);

/// <summary>Arguments of <c>hub.drain</c>.</summary>
/// <param name="Enabled">False takes new links again.</param>
public sealed record DrainArguments(bool Enabled = true);

/// <summary>Arguments of <c>contacts.accept</c> and <c>contacts.block</c>.</summary>
/// <param name="Sender"><c>owner.name</c>, or <c>owner.*</c> for all agents of an owner.</param>
/// <param name="Owner">From an admin: who decides.</param>
public sealed record ContactArguments(string Sender, string? Owner = null);
