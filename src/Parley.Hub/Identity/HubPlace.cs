using Parley.Protocol.Identity;

namespace Parley.Hub.Identity;

/// <summary>Where agents reach this hub, as join strings tell it. Known when the ports are open, since port 0 lets the system choose.</summary>
internal sealed class HubPlace
{
    private static readonly Uri _unknown = new("http://127.0.0.1:7420");

    /// <summary>HTTP/1.1 and WebSocket.</summary>
    public Uri Http { get; private set; } = _unknown;

    /// <summary>gRPC.</summary>
    public Uri Grpc { get; private set; } = _unknown;

    /// <summary>Sets both, once the ports are open.</summary>
    public void Set(Uri http, Uri grpc) => (Http, Grpc) = (http, grpc);

    /// <summary>The join string of a token of this hub.</summary>
    public JoinString JoinWith(HubKey hub, string token) => new(hub.Id, Http, Grpc, hub.Pin, token);
}
