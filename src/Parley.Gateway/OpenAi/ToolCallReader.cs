using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Reads the calls of a caller's tools that an agent's answer asks for.</summary>
public static class ToolCallReader
{
    /// <summary>The calls.</summary>
    /// <param name="calls">A JSON array as chat completions write it; empty for none.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.AgentAnswerInvalid"/>.</exception>
    public static IReadOnlyList<ToolCall> Read(ReadOnlyMemory<byte> calls)
    {
        if (calls.IsEmpty)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(calls);
            return [.. document.RootElement.EnumerateArray().Select(Read)];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ParleyException(ErrorCode.AgentAnswerInvalid, "The agent's answer asks for tools in a form that cannot be read.", exception);
        }
    }

    private static ToolCall Read(JsonElement call)
    {
        var function = call.GetProperty("function");
        return new ToolCall(TextOf(call, "id"), TextOf(function, "name"), TextOf(function, "arguments"));
    }

    private static string TextOf(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? throw new JsonException();
}
