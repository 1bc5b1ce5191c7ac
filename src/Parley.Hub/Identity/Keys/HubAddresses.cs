using System.Net;
using Parley.Protocol.Identity;

namespace Parley.Hub.Identity.Keys;

/// <summary>Where agents reach this hub, as join strings tell it; known once the ports are open.</summary>
internal sealed class HubAddresses
{
    /// <summary>HTTP/1.1 and WebSocket.</summary>
    public Uri Http { get; private set; } = new("http://127.0.0.1");

    /// <summary>gRPC.</summary>
    public Uri Grpc { get; private set; } = new("http://127.0.0.1");

    /// <summary>An address to connect to: a listener on every interface is reached by the machine's name.</summary>
    public static Uri Reachable(Uri bound) =>
        IPAddress.TryParse(bound.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(bound) { Host = Environment.MachineName }.Uri
            : bound;

    /// <summary>Notes the addresses.</summary>
    public void Set(Uri http, Uri grpc) => (Http, Grpc) = (http, grpc);

    /// <summary>The join string of a token of this hub.</summary>
    public JoinString JoinWith(HubKey hub, string token) => new(hub.Id, Http, Grpc, hub.Pin, token);
}
