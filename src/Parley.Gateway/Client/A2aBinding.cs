namespace Parley.Gateway.Client;

/// <summary>How an interface of an agent is spoken to.</summary>
public enum A2aBinding
{
    /// <summary>JSON-RPC 2.0 over HTTP: <c>JSONRPC</c> on cards.</summary>
    JsonRpc,

    /// <summary>HTTP with JSON, REST: <c>HTTP+JSON</c> on cards.</summary>
    HttpJson,

    /// <summary>gRPC: <c>GRPC</c> on cards.</summary>
    Grpc,
}
