using System.Text.Json;

namespace Parley.Gateway.OpenAi;

/// <summary>A whole call of a function.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The function.</param>
/// <param name="Arguments">JSON text, as the model wrote it: not checked.</param>
public sealed record ToolCall(string Id, string Name, string Arguments)
{
    /// <summary>As it goes back to a model, or out to a caller.</summary>
    public ChatToolCall ToWire() =>
        new(null, Id, "function", new ChatFunctionCall(Name, JsonSerializer.SerializeToElement(Arguments, OpenAiJson.Wire.String)));

    /// <summary>The name alone: arguments stay out of logs.</summary>
    public override string ToString() => $"ToolCall({Name})";
}
