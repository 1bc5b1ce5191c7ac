using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Mcp;

/// <summary>A tool as its server describes it: a stranger's words.</summary>
/// <param name="Name">Its name at the server.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">JSON Schema of the arguments, an object.</param>
public sealed record McpTool(string Name, string Description, JsonElement Schema)
{
    private const int MaxNameCharacters = 256;
    private const int MaxDescriptionCharacters = 4096;

    private static readonly JsonElement _anything = JsonDocument.Parse("""{"type":"object"}""").RootElement.Clone();

    /// <summary>Reads a page of <c>tools/list</c>. Tools without a usable name are skipped.</summary>
    /// <returns>The tools, and the cursor of the next page.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>.</exception>
    public static (IReadOnlyList<McpTool> Tools, string? NextCursor) ReadPage(JsonElement result)
    {
        try
        {
            var tools = result.GetProperty("tools").EnumerateArray().Select(One).OfType<McpTool>().ToList();
            return (tools, TextOf(result, "nextCursor"));
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The MCP server's list of tools cannot be read.", exception);
        }
    }

    private static McpTool? One(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object || TextOf(json, "name") is not { Length: > 0 and <= MaxNameCharacters } name)
        {
            return null;
        }

        var description = TextOf(json, "description") ?? TextOf(json, "title") ?? string.Empty;
        var schema = json.TryGetProperty("inputSchema", out var given) && given.ValueKind == JsonValueKind.Object ? given : _anything;
        return new McpTool(name, description.Length > MaxDescriptionCharacters ? description[..MaxDescriptionCharacters] : description, schema);
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
