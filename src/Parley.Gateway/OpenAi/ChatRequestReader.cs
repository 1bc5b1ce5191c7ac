using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Reads what a caller posts to <c>/v1/chat/completions</c>. Unknown members are ignored; those that change what the answer is and that cannot be honoured are refused by name.</summary>
public static class ChatRequestReader
{
    /// <summary>Reads a request.</summary>
    /// <param name="body">The body, UTF-8.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JsonInvalid"/>; <see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.OperationNotSupported"/> with the member as field.</exception>
    public static ModelRequest Parse(ReadOnlyMemory<byte> body) => RequestMembers.Read(body, Read);

    private static ModelRequest Read(JsonElement root)
    {
        var model = RequestMembers.Model(root);
        RefuseOthers(root);
        var messages = RequestMembers.Items(root, "messages", "messages");
        if (messages.Count == 0)
        {
            throw RequestMembers.Wrong("messages", "must hold at least one message");
        }

        var options = RequestMembers.Find(root, "stream_options");
        var content = new ContentReader();
        return new ModelRequest(model, [.. messages.Select((message, index) => Turn(message, $"messages[{index}]", content))])
        {
            IsStreamed = RequestMembers.Flag(root, "stream") == true,
            IncludesUsage = options is { } members && RequestMembers.Flag(RequestMembers.Object(members, "stream_options"), "include_usage") == true,
            Tools = RequestMembers.Items(root, "tools", "tools").Count > 0 ? Encoding.UTF8.GetBytes(root.GetProperty("tools").GetRawText()) : default,
            Settings = RequestMembers.Settings(root),
            User = RequestMembers.Text(root, "user", "user"),
        };
    }

    private static void RefuseOthers(JsonElement root)
    {
        RequestMembers.RefuseIf(RequestMembers.Find(root, "n") is { } n && !(n.ValueKind == JsonValueKind.Number && n.TryGetInt32(out var count) && count == 1), "n", "an agent gives one answer");
        RequestMembers.RefuseIf(RequestMembers.Flag(root, "logprobs") == true, "logprobs", "agents do not tell probabilities");
        RequestMembers.RefuseIf(RequestMembers.Items(root, "functions", "functions").Count > 0, "functions", "it was replaced by tools");
        RequestMembers.RefuseIf(
            RequestMembers.Items(root, "modalities", "modalities").Any(kind => kind.ValueKind != JsonValueKind.String || kind.GetString() != "text"), "modalities", "answers are text");
    }

    private static ModelTurn Turn(JsonElement message, string path, ContentReader reader)
    {
        RequestMembers.Object(message, path);
        var role = RequestMembers.Required(message, "role", $"{path}.role") switch
        {
            "system" or "developer" => ModelRole.System,
            "user" => ModelRole.User,
            "assistant" => ModelRole.Agent,
            "tool" or "function" => ModelRole.Tool,
            _ => throw RequestMembers.Wrong($"{path}.role", "must be system, developer, user, assistant or tool"),
        };
        var content = reader.Read(RequestMembers.Find(message, "content"), $"{path}.content");
        if (content.Text.Length == 0 && RequestMembers.Text(message, "refusal", $"{path}.refusal") is { } refusal)
        {
            content = content with { Text = refusal };
        }

        var calls = role == ModelRole.Agent ? RequestMembers.Items(message, "tool_calls", $"{path}.tool_calls") : [];
        return content.By(role) with
        {
            ToolCalls = calls.Count > 0 ? RequestMembers.ToolCalls(message, calls, $"{path}.tool_calls") : default,
            ToolCall = role == ModelRole.Tool ? RequestMembers.Text(message, "tool_call_id", $"{path}.tool_call_id") ?? string.Empty : string.Empty,
        };
    }
}
