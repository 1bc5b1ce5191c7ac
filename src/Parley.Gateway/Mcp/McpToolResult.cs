using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Mcp;

/// <summary>What a tool returned, as text for a model.</summary>
/// <param name="Text">Text as it is; what is not text is named.</param>
/// <param name="IsError">The tool says that it failed.</param>
public sealed record McpToolResult(string Text, bool IsError)
{
    /// <summary>Reads a result of <c>tools/call</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>.</exception>
    public static McpToolResult Read(JsonElement result)
    {
        try
        {
            var text = new StringBuilder();
            if (result.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array)
            {
                foreach (var block in content.EnumerateArray())
                {
                    text.Append(text.Length > 0 ? "\n" : string.Empty).Append(TextOf(block));
                }
            }

            if (text.Length == 0 && result.TryGetProperty("structuredContent", out var structured))
            {
                text.Append(structured.GetRawText());
            }

            return new McpToolResult(text.ToString(), result.TryGetProperty("isError", out var isError) && isError.ValueKind == JsonValueKind.True);
        }
        catch (InvalidOperationException exception)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The MCP server's result cannot be read.", exception);
        }
    }

    /// <summary>The size alone: content stays out of logs.</summary>
    public override string ToString() => $"McpToolResult({Text.Length} characters)";

    private static string TextOf(JsonElement block) => Member(block, "type") switch
    {
        "text" => Member(block, "text") ?? string.Empty,
        "image" or "audio" => $"[{Member(block, "type")} {Member(block, "mimeType")}, not shown]",
        "resource_link" => $"[address {Member(block, "uri")}]",
        "resource" when block.TryGetProperty("resource", out var resource) => Member(resource, "text") ?? $"[resource {Member(resource, "uri")}, not shown]",
        var other => $"[{other ?? "something"}, not shown]",
    };

    private static string? Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
