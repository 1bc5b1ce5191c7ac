using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Testing.A2a;

namespace Parley.HubTests.A2a;

/// <summary>JSON-RPC of 1.0.</summary>
public sealed class JsonRpcServerTests : A2aServerSpec
{
    private protected override A2aTestClient Connect(HttpClient http, string agent) => new JsonRpcTestClient(http, A2aVersion.V1, "/agents/" + agent);
}

/// <summary>JSON-RPC of 0.3.</summary>
public sealed class OldJsonRpcServerTests : A2aServerSpec
{
    private protected override A2aTestClient Connect(HttpClient http, string agent) => new JsonRpcTestClient(http, A2aVersion.V03, $"/{agent}/a2a");
}

/// <summary>REST of 1.0.</summary>
public sealed class RestServerTests : A2aServerSpec
{
    private protected override A2aTestClient Connect(HttpClient http, string agent) => new RestTestClient(http, A2aVersion.V1, JsonDialect.V1, $"/agents/{agent}/");
}

/// <summary>REST of 0.3.</summary>
public sealed class OldRestServerTests : A2aServerSpec
{
    private protected override A2aTestClient Connect(HttpClient http, string agent) => new RestTestClient(http, A2aVersion.V03, JsonDialect.V03, $"/agents/{agent}/");
}
