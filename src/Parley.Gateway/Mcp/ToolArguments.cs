using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Mcp;

/// <summary>The arguments of one call of a tool: a model's words.</summary>
/// <param name="json">An object, or undefined for none.</param>
public readonly struct ToolArguments(JsonElement json)
{
    private const int DefaultWaitSeconds = 40;

    /// <summary>How long the call may wait, <c>wait_s</c>.</summary>
    public TimeSpan Wait => TimeSpan.FromSeconds(Number("wait_s", DefaultWaitSeconds, 0, AgentToolSchemas.MaxWaitSeconds));

    /// <summary>A text that must be there.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public string Required(string name) => Optional(name) ?? throw new ParleyException(ErrorCode.InvalidArgument, $"The argument {name} is missing.") { Field = name };

    /// <summary>A text; null when it is missing or empty.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no text.</exception>
    public string? Optional(string name)
    {
        var value = McpIncoming.Member(json, name);
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Undefined or JsonValueKind.Null => null,
                JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
                _ => throw new ParleyException(ErrorCode.InvalidArgument, $"The argument {name} is a text.") { Field = name },
            };
        }
        catch (InvalidOperationException exception)
        {
            // Half of a surrogate pair.
            throw new ParleyException(ErrorCode.InvalidArgument, $"The argument {name} is no text that can be read.", exception) { Field = name };
        }
    }

    /// <summary>A JSON object; null when it is missing.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: something else.</exception>
    public JsonElement? Members(string name)
    {
        var value = McpIncoming.Member(json, name);
        return value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.Object => value,
            _ => throw new ParleyException(ErrorCode.InvalidArgument, $"The argument {name} is an object.") { Field = name },
        };
    }

    /// <summary>Whether an argument is there.</summary>
    public bool Has(string name) => McpIncoming.Member(json, name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>A whole number, brought into its bounds.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: no number.</exception>
    public int Number(string name, int fallback, int least, int most)
    {
        var value = McpIncoming.Member(json, name);
        return value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => fallback,
            JsonValueKind.Number when value.TryGetDouble(out var number) && !double.IsNaN(number) => (int)Math.Clamp(number, least, most),
            _ => throw new ParleyException(ErrorCode.InvalidArgument, $"The argument {name} is a number.") { Field = name },
        };
    }
}
