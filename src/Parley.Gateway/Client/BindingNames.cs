namespace Parley.Gateway.Client;

/// <summary>How cards and people name bindings.</summary>
public static class BindingNames
{
    /// <summary>The name on cards.</summary>
    public static string Of(A2aBinding binding) => binding switch
    {
        A2aBinding.JsonRpc => "JSONRPC",
        A2aBinding.HttpJson => "HTTP+JSON",
        _ => "GRPC",
    };

    /// <summary>The binding of a name, in any case and with <c>REST</c> and <c>JSON-RPC</c> as people write; null for one that is not spoken here.</summary>
    public static A2aBinding? Find(string name) => name.Trim().ToUpperInvariant() switch
    {
        "JSONRPC" or "JSON-RPC" => A2aBinding.JsonRpc,
        "HTTP+JSON" or "REST" or "HTTP" => A2aBinding.HttpJson,
        "GRPC" => A2aBinding.Grpc,
        _ => null,
    };
}
