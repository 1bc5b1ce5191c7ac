namespace Parley.Hub;

/// <summary>Where agents reach this hub; known once the ports are open.</summary>
internal sealed class HubAddresses
{
    /// <summary>HTTP/1.1 and WebSocket.</summary>
    public Uri Http { get; private set; } = new("http://127.0.0.1");

    /// <summary>gRPC.</summary>
    public Uri Grpc { get; private set; } = new("http://127.0.0.1");

    /// <summary>Notes the addresses.</summary>
    public void Set(Uri http, Uri grpc) => (Http, Grpc) = (http, grpc);
}
