using Parley.Protocol.Identity;

namespace Parley.Hub.Identity.Keys;

/// <summary>Where agents reach this hub, as join strings tell it; known once the ports are open.</summary>
internal sealed class HubAddresses
{
    /// <summary>HTTP/1.1 and WebSocket.</summary>
    public Uri Http { get; private set; } = new("http://127.0.0.1");

    /// <summary>gRPC.</summary>
    public Uri Grpc { get; private set; } = new("http://127.0.0.1");

    /// <summary>Notes the addresses.</summary>
    public void Set(Uri http, Uri grpc) => (Http, Grpc) = (http, grpc);

    /// <summary>The join string of a token of this hub.</summary>
    public JoinString JoinWith(HubKey hub, string token) => new(hub.Id, Http, Grpc, hub.Pin, token);
}
