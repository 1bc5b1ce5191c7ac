using Parley.Gateway.A2a;
using Parley.Gateway.ProtoJson;
using Parley.Testing.A2a;

namespace Parley.HubTests.A2a;

/// <summary>JSON-RPC of 1.0.</summary>
public sealed class JsonRpcDoorTests : A2aDoorSpec
{
    private protected override A2aTestClient Connect(string key) => new JsonRpcTestClient(ClientWith(key), A2aVersion.V1, "/agents/bob");
}

/// <summary>JSON-RPC of 0.3.</summary>
public sealed class OldJsonRpcDoorTests : A2aDoorSpec
{
    private protected override A2aTestClient Connect(string key) => new JsonRpcTestClient(ClientWith(key), A2aVersion.V03, "/bob/a2a");
}

/// <summary>REST of 1.0.</summary>
public sealed class RestDoorTests : A2aDoorSpec
{
    private protected override A2aTestClient Connect(string key) => new RestTestClient(ClientWith(key), A2aVersion.V1, JsonDialect.V1, "/agents/bob/");
}

/// <summary>REST of 1.0 with the agent as the tenant.</summary>
public sealed class TenantRestDoorTests : A2aDoorSpec
{
    private protected override A2aTestClient Connect(string key) => new RestTestClient(ClientWith(key), A2aVersion.V1, JsonDialect.V1, "/bob/");
}

/// <summary>REST of 0.3.</summary>
public sealed class OldRestDoorTests : A2aDoorSpec
{
    private protected override A2aTestClient Connect(string key) => new RestTestClient(ClientWith(key), A2aVersion.V03, JsonDialect.V03, "/agents/bob/");
}
