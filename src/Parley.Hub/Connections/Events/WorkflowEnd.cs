using System.Text.Json;
using Parley.Protocol.Identity;

namespace Parley.Hub.Connections.Events;

/// <summary>How a piece of work ended, as its events tell it. Pure.</summary>
/// <param name="Agent">Who did it.</param>
/// <param name="TaskId">Which task; for a message outside of A2A an id that follows from it.</param>
/// <param name="State">How it ended: completed, failed, canceled or rejected.</param>
internal sealed record WorkflowEnd(AgentAddress Agent, string TaskId, string State)
{
    private const int Overhead = 4096;

    /// <summary>The workflow that the caller named; null for none.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>The conversation.</summary>
    public string? ContextId { get; init; }

    /// <summary>The channel that the caller named; null for none.</summary>
    public string? Channel { get; init; }

    /// <summary>What the agent said; text alone.</summary>
    public string Output { get; init; } = string.Empty;

    /// <summary>The trace of the caller.</summary>
    public string TraceParent { get; init; } = string.Empty;

    /// <summary>How long the chain is that it ends.</summary>
    public int Hops { get; init; }

    /// <summary>The type of its event.</summary>
    public EventType Type => State == "completed" ? EventType.WorkflowComplete : EventType.WorkflowError;

    /// <summary>Its event; the same task makes the same one.</summary>
    /// <param name="maxBytes">Largest data; output beyond it is left out, and its size told.</param>
    public NewEvent ToEvent(long maxBytes) => new(Agent, Type, EventJson.Object(json =>
    {
        WriteMember(json, "workflow_id", WorkflowId);
        json.WriteString("task_id", TaskId);
        WriteMember(json, "context_id", ContextId);
        WriteMember(json, "channel", Channel);
        json.WriteString("state", State);
        var said = Type == EventType.WorkflowComplete ? "output" : "error";
        if (Output.Length <= (maxBytes - Overhead) / 6)
        {
            json.WriteString(said, Output);
        }
        else
        {
            json.WriteNumber(said + "_characters", Output.Length);
        }
    }))
    {
        Id = TaskId,
        Subject = WorkflowId is { Length: > 0 and <= 256 } ? WorkflowId : TaskId,
        TraceParent = TraceParent,
        Hops = Hops,
    };

    private static void WriteMember(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value.Length <= 1024 ? value : value[..1024]);
        }
    }
}
