using System.Text.Json.Nodes;
using Parley.Protocol.Management;

namespace Parley.Hub.Transports.Http.OpenApi;

/// <summary>The routes under <c>/api</c> and <c>/v1</c> that are no operations, and the schemas of OpenAI's dialect as far as the hub reads and writes it.</summary>
internal static class OtherRoutes
{
    private const string OpenAiError = "OpenAiError";

    private static readonly JsonObject _text = new() { ["type"] = "string" };

    /// <summary>Schemas of OpenAI's dialect.</summary>
    public static JsonObject Schemas { get; } = JsonNode.Parse("""
        {
          "ChatMessage": {"type":"object","required":["role"],"properties":{
            "role":{"type":"string","enum":["system","developer","user","assistant","tool"]},
            "content":{"description":"Text, or an array of parts.","oneOf":[{"type":"string"},{"type":"array","items":{"type":"object","additionalProperties":true}},{"type":"null"}]},
            "tool_calls":{"type":"array","items":{"$ref":"#/components/schemas/ToolCall"}},
            "tool_call_id":{"type":"string"},"name":{"type":"string"}}},
          "ToolCall": {"type":"object","required":["id","type","function"],"properties":{"id":{"type":"string"},"type":{"type":"string","const":"function"},
            "function":{"type":"object","required":["name","arguments"],"properties":{"name":{"type":"string"},"arguments":{"type":"string"}}}}},
          "FunctionTool": {"type":"object","required":["type","function"],"properties":{"type":{"type":"string","const":"function"},
            "function":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"description":{"type":"string"},"parameters":{"type":"object","additionalProperties":true}}}}},
          "FunctionToolList": {"type":"object","required":["object","data"],"properties":{"object":{"type":"string","const":"list"},"data":{"type":"array","items":{"$ref":"#/components/schemas/FunctionTool"}}}},
          "ChatCompletionRequest": {"type":"object","required":["model","messages"],"additionalProperties":true,"properties":{
            "model":{"type":"string","description":"An agent: owner.name, a bare name, or agent for the hub's default agent."},
            "messages":{"type":"array","items":{"$ref":"#/components/schemas/ChatMessage"}},
            "stream":{"type":"boolean"},"stream_options":{"type":"object","properties":{"include_usage":{"type":"boolean"}}},
            "tools":{"type":"array","items":{"$ref":"#/components/schemas/FunctionTool"}},"user":{"type":"string"},"metadata":{"type":"object","additionalProperties":{"type":"string"}}}},
          "Usage": {"type":"object","properties":{"prompt_tokens":{"type":"integer"},"completion_tokens":{"type":"integer"},"total_tokens":{"type":"integer"}}},
          "ChatCompletion": {"type":"object","required":["id","object","created","model","choices"],"properties":{
            "id":{"type":"string"},"object":{"type":"string","const":"chat.completion"},"created":{"type":"integer"},"model":{"type":"string"},"system_fingerprint":{"type":"string"},
            "usage":{"$ref":"#/components/schemas/Usage"},
            "choices":{"type":"array","items":{"type":"object","required":["index","message","finish_reason"],"properties":{
              "index":{"type":"integer"},"message":{"$ref":"#/components/schemas/ChatMessage"},"finish_reason":{"type":"string","enum":["stop","length","content_filter","tool_calls"]}}}}}},
          "ResponseRequest": {"type":"object","required":["model","input"],"additionalProperties":true,"properties":{
            "model":{"type":"string"},"input":{"oneOf":[{"type":"string"},{"type":"array","items":{"type":"object","additionalProperties":true}}]},
            "instructions":{"type":"string"},"previous_response_id":{"type":"string"},"store":{"type":"boolean"},"stream":{"type":"boolean"},"metadata":{"type":"object","additionalProperties":{"type":"string"}}}},
          "Response": {"type":"object","required":["id","object","created_at","status","model","output"],"additionalProperties":true,"properties":{
            "id":{"type":"string"},"object":{"type":"string","const":"response"},"created_at":{"type":"integer"},"status":{"type":"string"},"model":{"type":"string"},
            "output":{"type":"array","items":{"type":"object","required":["type"],"additionalProperties":true,"properties":{"type":{"type":"string"}}}}}},
          "DeletedResponse": {"type":"object","required":["id","object","deleted"],"properties":{"id":{"type":"string"},"object":{"type":"string"},"deleted":{"type":"boolean"}}},
          "Model": {"type":"object","required":["id","object","created","owned_by"],"properties":{"id":{"type":"string"},"object":{"type":"string","const":"model"},"created":{"type":"integer"},"owned_by":{"type":"string"}}},
          "ModelList": {"type":"object","required":["object","data"],"properties":{"object":{"type":"string","const":"list"},"data":{"type":"array","items":{"$ref":"#/components/schemas/Model"}}}},
          "OpenAiError": {"type":"object","required":["error"],"properties":{"error":{"type":"object","required":["message","type","param","code"],"properties":{
            "message":{"type":"string"},"type":{"type":"string"},"param":{"type":["string","null"]},"code":{"type":["string","null"]}}}}}
        }
        """)!.AsObject();

    /// <summary>The routes.</summary>
    public static IEnumerable<(string Method, string Path, JsonObject Described)> All(ApiSchemas schemas)
    {
        var id = OpenApiDocument.Parameter("id", "path", _text.DeepClone(), true);
        yield return ("POST", "/api/enrol", Guest(Api("enrol", 201, schemas.Refer(ManagementJson.Compact.ItemEnrolResult), body: schemas.Refer(ManagementJson.Compact.EnrolRequest))));
        yield return ("GET", "/api/link", WebSocket("link", "an agent's link, docs/protocol/hub-link.md"));
        yield return ("GET", "/api/relay", WebSocket("relay", "one end of a relay circuit, docs/protocol/signalling.md"));
        yield return ("GET", "/api/events/stream", Follow(schemas));
        yield return ("GET", "/api/state/{agent}", State("state.get", schemas, isWrite: false));
        yield return ("PUT", "/api/state/{agent}", State("state.set", schemas, isWrite: true));
        yield return ("PATCH", "/api/state/{agent}", State("state.patch", schemas, isWrite: true));
        yield return ("POST", "/v1/chat/completions", Model("chat.completions", "ChatCompletion", "ChatCompletionRequest", isStreamed: true));
        yield return ("POST", "/v1/responses", Model("responses.create", "Response", "ResponseRequest", isStreamed: true));
        yield return ("GET", "/v1/responses/{id}", Model("responses.get", "Response", parameter: id.DeepClone()));
        yield return ("DELETE", "/v1/responses/{id}", Model("responses.delete", "DeletedResponse", parameter: id.DeepClone()));
        yield return ("GET", "/v1/models", Model("models.list", "ModelList"));
        yield return ("GET", "/v1/models/{id}", Model("models.get", "Model", parameter: id.DeepClone()));
        yield return ("GET", "/v1/tools", Model("tools.list", "FunctionToolList"));
    }

    private static JsonObject WebSocket(string id, string what) => Guest(new JsonObject
    {
        ["operationId"] = id,
        ["description"] = $"A WebSocket: {what}.",
        ["responses"] = new JsonObject { ["101"] = new JsonObject { ["description"] = "The stream." } },
    });

    // The body is the state or the merge patch itself; If-Match and ETag are its versions.
    private static JsonObject State(string id, ApiSchemas schemas, bool isWrite)
    {
        var members = new JsonObject { ["type"] = "object", ["additionalProperties"] = true };
        var described = Api(id, 200, schemas.Refer(ManagementJson.Compact.ItemStateView), isWrite ? members : null);
        var agent = OpenApiDocument.Parameter("agent", "path", _text.DeepClone(), true);
        described["tags"] = new JsonArray("state");
        described["description"] = "Role: agent. Scope: state.";
        described["parameters"] = isWrite
            ? new JsonArray(agent, OpenApiDocument.Parameter("If-Match", "header", _text.DeepClone(), false))
            : new JsonArray(
                agent,
                OpenApiDocument.Parameter("connection", "query", _text.DeepClone(), false),
                OpenApiDocument.Parameter("after", "query", new JsonObject { ["type"] = "integer" }, false),
                OpenApiDocument.Parameter("wait", "query", new JsonObject { ["type"] = "integer" }, false));
        return described;
    }

    private static JsonObject Follow(ApiSchemas schemas)
    {
        var stream = new JsonObject
        {
            ["description"] = "Server-sent events; the data of each is an event, its id the event's number.",
            ["content"] = new JsonObject { ["text/event-stream"] = new JsonObject { ["schema"] = schemas.Refer(ManagementJson.Compact.EventView) } },
        };
        return new JsonObject
        {
            ["operationId"] = "events.stream",
            ["tags"] = new JsonArray("events"),
            ["description"] = "Role: agent. Scope: events.",
            ["parameters"] = new JsonArray(
                OpenApiDocument.Parameter("types", "query", _text.DeepClone(), false),
                OpenApiDocument.Parameter("source", "query", _text.DeepClone(), false),
                OpenApiDocument.Parameter("after", "query", new JsonObject { ["type"] = "integer" }, false),
                OpenApiDocument.Parameter("Last-Event-ID", "header", _text.DeepClone(), false)),
            ["responses"] = new JsonObject { ["200"] = stream, ["default"] = OpenApiDocument.Json("Refused.", OpenApiDocument.Ref(nameof(ErrorAnswer))) },
        };
    }

    private static JsonObject Model(string id, string answer, string? body = null, JsonNode? parameter = null, bool isStreamed = false)
    {
        var described = Api(id, 200, OpenApiDocument.Ref(answer), body is null ? null : OpenApiDocument.Ref(body), OpenAiError);
        described["tags"] = new JsonArray("models");
        if (parameter is not null)
        {
            described["parameters"] = new JsonArray(parameter);
        }

        if (isStreamed)
        {
            // One status, two forms: "stream": true asks for the second.
            described["responses"]!["200"]!["content"]!["text/event-stream"] = new JsonObject { ["schema"] = _text.DeepClone() };
        }

        return described;
    }

    private static JsonObject Api(string id, int status, JsonNode answer, JsonNode? body, string refusal = nameof(ErrorAnswer))
    {
        var described = new JsonObject { ["operationId"] = id };
        if (body is not null)
        {
            described["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = body } } };
        }

        described["responses"] = new JsonObject { [$"{status}"] = OpenApiDocument.Json("Done.", answer), ["default"] = OpenApiDocument.Json("Refused.", OpenApiDocument.Ref(refusal)) };
        return described;
    }

    private static JsonObject Guest(JsonObject described)
    {
        described["security"] = new JsonArray();
        return described;
    }
}
