using System.Text.Json;

namespace Parley.Gateway.Mcp;

/// <summary>One of the tools by which a model talks with agents.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Description">What it does, for a model.</param>
/// <param name="Schema">JSON Schema of the arguments.</param>
public sealed record AgentTool(string Name, string Title, string Description, JsonElement Schema)
{
    /// <summary>It sends nothing to anybody: clients let it run unasked.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Calling it twice is calling it once.</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>Others read or write what passes through it.</summary>
    public bool IsOpenWorld { get; init; }
}
