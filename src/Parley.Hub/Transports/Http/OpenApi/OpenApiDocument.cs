using System.Text.Json.Nodes;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Protocol.Management;

namespace Parley.Hub.Transports.Http.OpenApi;

/// <summary>Describes the hub's HTTP interface for programs that make clients of it (OpenAPI 3.1): operations from their table and types, the other routes from <see cref="OtherRoutes"/>.</summary>
internal static class OpenApiDocument
{
    /// <summary>Makes the document.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="routes">Where they are: method, path, operation, status.</param>
    /// <param name="version">The hub's version.</param>
    public static JsonObject Make(Operations operations, IEnumerable<(string Method, string Path, string Operation, int Status)> routes, string version)
    {
        var schemas = new ApiSchemas();
        var paths = new JsonObject();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (method, path, name, status) in routes)
        {
            var described = Describe(schemas, operations[name], method, path, status);
            described["operationId"] = ids.Add(name) ? name : $"{name}.{method.ToLowerInvariant()}";
            Add(paths, method, path, described);
        }

        foreach (var (method, path, described) in OtherRoutes.All(schemas))
        {
            Add(paths, method, path, described);
        }

        schemas.Refer(ManagementJson.Compact.ErrorAnswer);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Parley hub", ["version"] = version, ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" } },
            ["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = Merged(schemas.All, OtherRoutes.Schemas),
                ["securitySchemes"] = new JsonObject { ["key"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
    }

    /// <summary>An answer of JSON.</summary>
    public static JsonObject Json(string description, JsonNode schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    /// <summary>A reference to a schema.</summary>
    public static JsonObject Ref(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static JsonObject Describe(ApiSchemas schemas, Operation operation, string method, string path, int status)
    {
        var described = new JsonObject
        {
            ["tags"] = new JsonArray(path.Split('/')[2]),
            ["description"] = $"Role: {operation.Role.ToString().ToLowerInvariant()}.{(operation.Scopes == ApiScopes.None ? string.Empty : $" Scope: {string.Join(' ', operation.Scopes.ToNames())}.")}",
        };
        var arguments = schemas.MembersOf(operation.Arguments);
        var members = arguments["properties"]?.AsObject() ?? [];
        var required = arguments["required"]?.AsArray().Select(name => name!.GetValue<string>()).ToHashSet() ?? [];
        var inPath = path.Split('/').Where(part => part.StartsWith('{')).Select(part => part[1..^1]).ToList();
        var others = members.Where(member => !inPath.Contains(member.Key) && !UnusedMembers.Of(operation.Name).Contains(member.Key)).ToList();
        var parameters = new JsonArray([.. inPath.Select(name => (JsonNode)Parameter(name, "path", new JsonObject { ["type"] = "string" }, true))]);
        if (method is "GET" or "DELETE")
        {
            foreach (var (name, schema) in others)
            {
                parameters.Add((JsonNode)Parameter(name, "query", schema!.DeepClone(), required.Contains(name)));
            }
        }
        else if (others.Count > 0)
        {
            described["requestBody"] = BodyOf(operation.Name, others, required);
        }

        if (parameters.Count > 0)
        {
            described["parameters"] = parameters;
        }

        described["responses"] = new JsonObject { [$"{status}"] = Json("Done.", schemas.Refer(operation.Result)), ["default"] = Json("Refused.", Ref(nameof(ErrorAnswer))) };
        return described;
    }

    private static JsonObject BodyOf(string operation, List<KeyValuePair<string, JsonNode?>> members, HashSet<string> required)
    {
        var needed = members.Select(member => member.Key).Where(required.Contains).ToList();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))) };
        if (needed.Count > 0)
        {
            schema["required"] = new JsonArray([.. needed.Select(name => (JsonNode)name)]);
        }

        var content = new JsonObject { ["schema"] = schema };
        if (operation == "connections.create")
        {
            content["example"] = JsonNode.Parse("""{"source_agent_id":"agent-a","target_agent_id":"agent-b","connection_type":"webhook","config":{"events":["workflow.complete"]}}""");
        }

        return new JsonObject { ["required"] = needed.Count > 0, ["content"] = new JsonObject { ["application/json"] = content } };
    }

    /// <summary>A parameter.</summary>
    public static JsonObject Parameter(string name, string place, JsonNode schema, bool isRequired) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = isRequired, ["schema"] = schema };

    private static void Add(JsonObject paths, string method, string path, JsonObject described)
    {
        paths.TryAdd(path, new JsonObject());
        paths[path]!.AsObject()[method.ToLowerInvariant()] = described;
    }

    private static JsonObject Merged(JsonObject made, JsonObject written)
    {
        foreach (var (name, schema) in written)
        {
            made[name] = schema?.DeepClone();
        }

        return made;
    }
}
