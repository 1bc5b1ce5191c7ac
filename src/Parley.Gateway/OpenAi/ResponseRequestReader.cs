using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.OpenAi;

/// <summary>Reads what a caller posts to <c>/v1/responses</c>. Unknown members are ignored; those that change what the answer is and that cannot be honoured are refused by name.</summary>
public static class ResponseRequestReader
{
    private const string Function = "function";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a request.</summary>
    /// <param name="body">The body, UTF-8.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JsonInvalid"/>; <see cref="ErrorCode.InvalidArgument"/>, <see cref="ErrorCode.OperationNotSupported"/> with the member as field.</exception>
    public static ModelRequest Parse(ReadOnlyMemory<byte> body) => RequestMembers.Read(body, Read);

    private static ModelRequest Read(JsonElement root)
    {
        var model = RequestMembers.Model(root);
        RequestMembers.RefuseIf(RequestMembers.Find(root, "conversation") is not null, "conversation", "name a thread by previous_response_id or by the header X-Parley-Thread");
        RequestMembers.RefuseIf(RequestMembers.Flag(root, "background") == true, "background", "the answer comes while the call is open");
        RequestMembers.RefuseIf(RequestMembers.Find(root, "prompt") is not null, "prompt", "this hub keeps no prompts");
        return new ModelRequest(model, Turns(root))
        {
            IsStreamed = RequestMembers.Flag(root, "stream") == true,
            Tools = Tools(root),
            Settings = RequestMembers.Settings(root),
            Metadata = RequestMembers.Metadata(root),
            Instructions = RequestMembers.Text(root, "instructions", "instructions"),
            User = RequestMembers.Text(root, "user", "user"),
            PreviousResponse = RequestMembers.Text(root, "previous_response_id", "previous_response_id"),
            Store = RequestMembers.Flag(root, "store"),
        };
    }

    private static List<ModelTurn> Turns(JsonElement root)
    {
        var turns = new List<ModelTurn>();
        if (RequestMembers.Text(root, "instructions", "instructions") is { Length: > 0 } instructions)
        {
            turns.Add(new ModelTurn(ModelRole.System, instructions));
        }

        var input = RequestMembers.Find(root, "input") ?? throw RequestMembers.Wrong("input", "is missing");
        if (input.ValueKind == JsonValueKind.String)
        {
            turns.Add(new ModelTurn(ModelRole.User, input.GetString()!));
            return turns;
        }

        var content = new ContentReader();
        var items = RequestMembers.Items(input, "input");
        for (var index = 0; index < items.Count; index++)
        {
            AddItem(turns, RequestMembers.Object(items[index], $"input[{index}]"), $"input[{index}]", content);
        }

        return items.Count > 0 ? Joined(turns) : throw RequestMembers.Wrong("input", "must hold at least one item");
    }

    private static void AddItem(List<ModelTurn> turns, JsonElement item, string path, ContentReader reader)
    {
        switch (RequestMembers.Text(item, "type", $"{path}.type") ?? "message")
        {
            case "message":
                var role = RequestMembers.Required(item, "role", $"{path}.role") switch
                {
                    "system" or "developer" => ModelRole.System,
                    "user" => ModelRole.User,
                    "assistant" => ModelRole.Agent,
                    _ => throw RequestMembers.Wrong($"{path}.role", "must be system, developer, user or assistant"),
                };
                turns.Add(reader.Read(RequestMembers.Find(item, "content"), $"{path}.content").By(role));
                break;
            case "function_call":
                turns.Add(new ModelTurn(ModelRole.Agent, string.Empty) { ToolCalls = Call(item, path) });
                break;
            case "function_call_output":
                var call = RequestMembers.Required(item, "call_id", $"{path}.call_id");
                turns.Add(reader.Read(RequestMembers.Find(item, "output"), $"{path}.output").By(ModelRole.Tool) with { ToolCall = call });
                break;
            case "reasoning":
                // What a model thought before it answered is its own affair; agents do not take it back.
                break;
            default:
                throw new ParleyException(ErrorCode.OperationNotSupported, "Items of this type are not supported.") { Field = $"{path}.type" };
        }
    }

    // Calls of one turn are items of their own here, beside its text; elsewhere they are one message.
    private static List<ModelTurn> Joined(List<ModelTurn> turns)
    {
        var joined = new List<ModelTurn>();
        var calls = new List<byte>();
        for (var index = 0; index < turns.Count; index++)
        {
            var turn = turns[index];
            calls.Clear();
            for (calls.AddRange(turn.ToolCalls.Span); turn.Role == ModelRole.Agent && index + 1 < turns.Count && IsCall(turns[index + 1]); index++)
            {
                if (calls.Count > 0)
                {
                    calls[^1] = (byte)',';
                }

                calls.AddRange(turns[index + 1].ToolCalls.Span[(calls.Count > 0 ? 1 : 0)..]);
            }

            joined.Add(turn with { ToolCalls = calls.ToArray() });
        }

        return joined;
    }

    private static bool IsCall(ModelTurn turn) => turn.Role == ModelRole.Agent && !turn.ToolCalls.IsEmpty;

    private static byte[] Call(JsonElement item, string path) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", RequestMembers.Required(item, "call_id", $"{path}.call_id"));
        json.WriteString("type", Function);
        json.WriteStartObject(Function);
        json.WriteString("name", RequestMembers.Required(item, "name", $"{path}.name"));
        json.WriteString("arguments", RequestMembers.Required(item, "arguments", $"{path}.arguments"));
        json.WriteEndObject();
        json.WriteEndObject();
    });

    // Responders read tools as chat completions write them, where a function's members lie one level deeper.
    private static byte[] Tools(JsonElement root)
    {
        var tools = RequestMembers.Items(root, "tools", "tools");
        return tools.Count == 0 ? [] : Write(json =>
        {
            for (var index = 0; index < tools.Count; index++)
            {
                var path = $"tools[{index}]";
                if (RequestMembers.Required(RequestMembers.Object(tools[index], path), "type", $"{path}.type") != Function)
                {
                    throw new ParleyException(ErrorCode.OperationNotSupported, "Of tools only functions are supported.") { Field = "tools" };
                }

                json.WriteStartObject();
                json.WriteString("type", Function);
                json.WriteStartObject(Function);
                foreach (var member in tools[index].EnumerateObject().Where(member => member.Name != "type"))
                {
                    member.WriteTo(json);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }
        });
    }

    private static byte[] Write(Action<Utf8JsonWriter> items)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _json))
        {
            json.WriteStartArray();
            items(json);
            json.WriteEndArray();
        }

        return output.WrittenSpan.ToArray();
    }
}
