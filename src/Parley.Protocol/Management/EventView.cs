using System.Text.Json;

namespace Parley.Protocol.Management;

/// <summary>Arguments of <c>events.emit</c>.</summary>
/// <param name="Type">What kind.</param>
/// <param name="Data">A JSON object; null for an empty one.</param>
/// <param name="Source">From admins and owners: the agent whose doing it was; an agent speaks for itself.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Id">The emitter's id: the same source and id are one event.</param>
/// <param name="TraceParent">The W3C trace that it belongs to.</param>
/// <param name="Hops">How long the chain is that it follows from, where the emitter knows.</param>
public sealed record EventArguments(
    string? Type = null, JsonElement? Data = null, string? Source = null, string? Subject = null, string? Id = null, string? TraceParent = null, int? Hops = null);

/// <summary>What became of an emitted event.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Deliveries">To how many connections it goes.</param>
/// <param name="Repeated">Whether it was emitted before: then nothing goes out again.</param>
public sealed record EmittedEvent(string Id, int Deliveries, bool Repeated = false);

/// <summary>Arguments of <c>events.list</c>.</summary>
/// <param name="After">The number of the last event that is known; null: only new ones.</param>
/// <param name="Types">Types and patterns with commas between them.</param>
/// <param name="Source">Of one agent.</param>
/// <param name="Wait">Seconds to wait for one when there is none, at most 25.</param>
/// <param name="Limit">Most entries.</param>
public sealed record EventListArguments(long? After = null, string? Types = null, string? Source = null, int? Wait = null, int? Limit = null);

/// <summary>An event.</summary>
/// <param name="Number">Its place in the order of the hub's events.</param>
/// <param name="Id">Unique for its source.</param>
/// <param name="Source">Whose doing it was.</param>
/// <param name="Type">What kind.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Timestamp">When the hub took it.</param>
/// <param name="Hops">How long the chain is that it follows from.</param>
/// <param name="TraceParent">Its trace.</param>
/// <param name="Data">What it says.</param>
public sealed record EventView(long Number, string Id, string Source, string Type, string? Subject, DateTimeOffset Timestamp, int Hops, string TraceParent, JsonElement Data);

/// <summary>Events after a number.</summary>
/// <param name="Data">The events, oldest first.</param>
/// <param name="Next">What to ask for after them.</param>
public sealed record EventPage(IReadOnlyList<EventView> Data, long Next);
