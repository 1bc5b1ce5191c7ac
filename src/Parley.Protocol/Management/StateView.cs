using System.Text.Json;

namespace Parley.Protocol.Management;

/// <summary>Arguments of the operations on shared states.</summary>
/// <param name="Agent">Whose; null: the calling agent's.</param>
/// <param name="Value">For <c>state.set</c>: the whole state; for <c>state.patch</c>: a merge patch (RFC 7396).</param>
/// <param name="IfMatch">Only if this is the version, as a number or an entity tag.</param>
/// <param name="After">For <c>state.get</c>: the version that is known.</param>
/// <param name="Wait">For <c>state.get</c>: seconds to wait for a later one, at most 25.</param>
/// <param name="Connection">For <c>state.get</c>: as this connection shows it.</param>
/// <param name="Limit">For <c>state.list</c>: most entries.</param>
/// <param name="Offset">For <c>state.list</c>: entries to skip.</param>
/// <param name="TraceParent">The W3C trace that a change belongs to.</param>
/// <param name="Hops">How long the chain is that a change follows from, where the caller knows.</param>
public sealed record StateArguments(
    string? Agent = null, JsonElement? Value = null, string? IfMatch = null, long? After = null, int? Wait = null, string? Connection = null, int? Limit = null, int? Offset = null,
    string? TraceParent = null, int? Hops = null);

/// <summary>A shared state, or the part of it that the caller may read.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="Version">Grows with each change; 0: nothing was written yet.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
/// <param name="Data">The state; not in lists.</param>
/// <param name="Connection">The connection that shows it; null: the caller reads it as its writer.</param>
/// <param name="Fields">What that connection lets through.</param>
public sealed record StateView(string Agent, long Version, DateTimeOffset? UpdatedAt = null, JsonElement? Data = null, string? Connection = null, IReadOnlyList<string>? Fields = null);
