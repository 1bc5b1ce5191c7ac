using System.Text.Json;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Events;

/// <summary>Something that happened, on its way into the hub.</summary>
/// <param name="Source">Whose doing it was; stamped by the hub, never taken from the emitter.</param>
/// <param name="Type">What kind.</param>
/// <param name="Data">A JSON object.</param>
internal sealed record NewEvent(AgentAddress Source, EventType Type, JsonElement Data)
{
    /// <summary>The emitter's id; the same source and id are one event. Null: the hub makes one.</summary>
    public string? Id { get; init; }

    /// <summary>What it is about; events of one subject keep their order where a connection wants that.</summary>
    public string Subject { get; init; } = string.Empty;

    /// <summary>How long the chain of messages and events is that it follows from.</summary>
    public int Hops { get; init; }

    /// <summary>The W3C trace that it belongs to; empty for none.</summary>
    public string TraceParent { get; init; } = string.Empty;

    /// <summary>A connection that gets it whether it wants it or not, beside those that do.</summary>
    public string? AlsoFor { get; init; }

    /// <summary>A delivery that is to be made of it, whatever connections want it.</summary>
    public string? OnlyFor { get; init; }
}
