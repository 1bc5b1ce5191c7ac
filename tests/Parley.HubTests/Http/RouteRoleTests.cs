using Microsoft.AspNetCore.Routing;
using Parley.Hub.Identity;
using Parley.Hub.Management;
using Parley.Hub.Transports.Http;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.HubTests.Http;

public sealed class RouteRoleTests : IAsyncLifetime
{
    private ApiHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await ApiHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public void Every_route_states_its_role()
    {
        var silent = Routes().Where(route => route.Metadata.GetMetadata<RouteRole>() is null).Select(route => route.DisplayName);

        Assert.Empty(silent);
    }

    [Fact]
    public void Only_these_routes_are_open_to_guests()
    {
        var open = Routes().Where(route => route.Metadata.GetMetadata<RouteRole>() is { Role: Role.Guest }).Select(route => route.RoutePattern.RawText);

        string[] expected =
        [
            "/.well-known/agent-card.json", "/.well-known/agent.json", "/.well-known/ai-catalog.json", "/.well-known/jwks.json", "/admin/drain", "/admin/invalidate",
            "/agents/{agentId}/.well-known/agent-card.json", "/agents/{agentId}/.well-known/agent.json", "/api/enrol", "/api/link", "/api/relay", "/create", "/file", "/file/{n}", "/health", "/hooks/{connection}", "/join/{code}", "/leave", "/listen", "/openapi/v1.json", "/p2p", "/p2p/{**file}", "/parley.v1.Link/Connect", "/parley.v1.Link/Relay", "/ping", "/ready",
            "/register", "/register-and-join/{code}", "/room-rule/headless", "/send", "/setup", "/wait", "/{agentId}/.well-known/agent-card.json", "/{agentId}/.well-known/agent.json",
        ];

        Assert.Equal(expected, open.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_first_path_segment_is_reserved_as_a_name()
    {
        // A dot, a colon or a capital letter is in no name, and {agentId} is where names stand.
        var segments = Routes().Select(FirstSegment).Distinct().Where(segment => Names.IsValid(segment));

        Assert.Empty(segments.Where(segment => !Names.Reserved.Contains(segment)));
    }

    [Fact]
    public void Routes_and_operations_agree_on_roles()
    {
        var operations = _hub.Get<Operations>();

        Assert.All(operations.All, operation => Assert.True(operation.Role > Role.Guest, operation.Name));
        Assert.All(operations.All.Where(operation => operation.Role == Role.Admin), operation => Assert.True(operation.Scopes.HasFlag(ApiScopes.Admin), operation.Name));
    }

    [Fact]
    public void The_table_in_the_protocol_page_is_the_route_table()
    {
        var written = RepositoryFiles.Read("docs/protocol/hub-api.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains(" /", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Select(cells => $"{cells[1]} {cells[2]} {cells[4]} {cells[5]}".TrimEnd());

        Assert.Equal(Routes().Select(Line).Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    private static string Line(RouteEndpoint route)
    {
        var method = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "ANY";
        var required = route.Metadata.GetMetadata<RouteRole>()!;
        return $"{method} {route.RoutePattern.RawText} {required.Role.ToString().ToLowerInvariant()} {string.Join(' ', required.Scopes.ToNames())}".TrimEnd();
    }

    private static string FirstSegment(RouteEndpoint route) => route.RoutePattern.RawText!.TrimStart('/').Split('/')[0];

    private List<RouteEndpoint> Routes()
    {
        var routes = _hub.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.NotEmpty(routes);
        return routes;
    }
}
