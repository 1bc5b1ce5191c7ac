using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Parley.Hub.Management;
using Parley.Hub.Transports.Http.OpenApi;
using Parley.Testing;

namespace Parley.HubTests.Http;

public sealed class OpenApiTests : IAsyncLifetime
{
    private ApiHub _hub = null!;
    private JsonObject _document = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _hub = await ApiHub.StartAsync();
        _document = JsonNode.Parse(await _hub.Guest.GetStringAsync("/openapi/v1.json", Stop))!.AsObject();
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public void Every_route_of_api_and_v1_is_described_and_nothing_else()
    {
        var routes = _hub.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(route => (Path: route.RoutePattern.RawText!, Method: route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "GET"))
            .Where(route => route.Path.StartsWith("/api/", StringComparison.Ordinal) || (route.Path.StartsWith("/v1/", StringComparison.Ordinal) && !route.Path.Contains("**", StringComparison.Ordinal)))
            .Select(route => $"{route.Method} {route.Path}");

        var described = _document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));

        Assert.Equal(routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_references_lead_somewhere_and_its_ids_are_each_one_operations()
    {
        var schemas = _document["components"]!["schemas"]!.AsObject();
        var ids = Everything(_document["paths"]!).Where(entry => entry.Name == "operationId").Select(entry => entry.Value!.GetValue<string>()).ToList();

        Assert.All(Everything(_document).Where(entry => entry.Name == "$ref"), entry => Assert.Contains(entry.Value!.GetValue<string>().Split('/')[^1], schemas.Select(schema => schema.Key)));
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public void What_is_left_out_of_an_operation_is_a_member_of_what_it_takes()
    {
        var operations = _hub.Get<Operations>();

        Assert.All(UnusedMembers.All, entry => Assert.Subset(operations[entry.Key].Arguments.Properties.Select(property => property.Name).ToHashSet(), entry.Value.ToHashSet()));
    }

    [Theory]
    [InlineData("GET", "/api/agents", null, "/api/agents", "200")]
    [InlineData("GET", "/api/agents/agent-a", null, "/api/agents/{agent}", "200")]
    [InlineData("GET", "/api/whoami", null, "/api/whoami", "200")]
    [InlineData("GET", "/api/status", null, "/api/status", "200")]
    [InlineData("GET", "/api/audit", null, "/api/audit", "200")]
    [InlineData("GET", "/api/messages", null, "/api/messages", "200")]
    [InlineData("GET", "/api/nothing", null, "/api/agents", "default")]
    [InlineData("GET", "/v1/tools", null, "/v1/tools", "200")]
    [InlineData("GET", "/v1/models", null, "/v1/models", "200")]
    [InlineData("GET", "/v1/models/nobody", null, "/v1/models/{id}", "default")]
    [InlineData("POST", "/api/keys", """{"owner":"acme","scopes":["messages"]}""", "/api/keys", "201")]
    [InlineData("PUT", "/api/secrets/door", """{"value":"swordfish"}""", "/api/secrets/{name}", "200")]
    [InlineData("POST", "/api/events", """{"type":"x.y","data":{"n":1}}""", "/api/events", "202")]
    [InlineData("POST", "/api/agent-connections", """{"source_agent_id":"agent-a","target_agent_id":"agent-b","connection_type":"direct","config":{"events":["workflow.complete"],"filter":{"n":1}}}""", "/api/agent-connections", "201")]
    public async Task Answers_are_as_they_are_described(string method, string path, string? body, string described, string status)
    {
        (await _hub.JoinAsync("agent-a")).Dispose();
        (await _hub.JoinAsync("agent-b")).Dispose();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await _hub.Admin.SendAsync(request, Stop);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop));

        var schema = _document["paths"]![described]![method.ToLowerInvariant()]!["responses"]![status]!["content"]!["application/json"]!["schema"]!;
        Assert.Empty(Wrong("$", json, schema));
        if (body is not null)
        {
            var taken = _document["paths"]![described]![method.ToLowerInvariant()]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
            Assert.Empty(Wrong("$", JsonNode.Parse(body), taken));
        }
    }

    // Of JSON Schema as much as the document uses.
    private IEnumerable<string> Wrong(string place, JsonNode? value, JsonNode schema)
    {
        if (schema["$ref"] is { } reference)
        {
            return Wrong(place, value, _document["components"]!["schemas"]![reference.GetValue<string>().Split('/')[^1]]!);
        }

        if (schema["type"] is JsonValue type && TypeOf(value) != type.GetValue<string>())
        {
            return [$"{place} is {TypeOf(value)}, not {type}"];
        }

        return value switch
        {
            JsonObject members => WrongMembers(place, members, schema),
            JsonArray items when schema["items"] is { } of => items.SelectMany((item, index) => Wrong($"{place}[{index}]", item, of)),
            _ => [],
        };
    }

    private IEnumerable<string> WrongMembers(string place, JsonObject members, JsonNode schema)
    {
        if (schema["properties"] is not JsonObject known)
        {
            return [];
        }

        var missing = (schema["required"]?.AsArray() ?? []).Select(name => name!.GetValue<string>()).Where(name => !members.ContainsKey(name)).Select(name => $"{place}.{name} is missing");
        return missing.Concat(members.SelectMany(member => known[member.Key] is { } of
            ? Wrong($"{place}.{member.Key}", member.Value, of)
            : schema["additionalProperties"] is null ? [$"{place}.{member.Key} is unknown"] : []));
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Object => "object",
        System.Text.Json.JsonValueKind.Array => "array",
        System.Text.Json.JsonValueKind.String => "string",
        System.Text.Json.JsonValueKind.Number => "integer",
        System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
        _ => "null",
    };

    private static IEnumerable<(string Name, JsonNode? Value)> Everything(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Value is null ? [] : Everything(member.Value).Prepend((member.Key, member.Value))),
        JsonArray items => items.SelectMany(item => item is null ? [] : Everything(item)),
        _ => [],
    };
}
