using Parley.Hub.Identity.Keys;
using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Parley.Hub.Transports.Grpc;
using Parley.Hub.Transports.Link;

namespace Parley.Hub;

/// <summary>Opens the hub's ports: with TLS each for everything, in clear text those for HTTP/1.1 and one for HTTP/2, since nothing negotiates there.</summary>
internal sealed class HubListeners(HubOptions options)
{
    /// <summary>Sets up the listeners and the limits of all connections.</summary>
    public void Configure(KestrelServerOptions kestrel, HubKey key)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Doors.MaxConnections > 0 ? options.Doors.MaxConnections : null;
        kestrel.Limits.MaxConcurrentUpgradedConnections = kestrel.Limits.MaxConcurrentConnections;
        kestrel.Limits.RequestHeadersTimeout = options.Doors.HeadersTimeout;
        kestrel.Limits.KeepAliveTimeout = options.Doors.IdleTimeout;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(options.Doors.MinBodyBytesPerSecond, options.Doors.BodyGrace);
        GrpcKestrel.Configure(kestrel);
        if (key.Certificate is { } certificate)
        {
            var tls = certificate.ToKestrel();
            tls.HandshakeTimeout = options.Doors.HandshakeTimeout;
            ListenAll(kestrel, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(tls);
            });
            return;
        }

        ListenAll(kestrel, listen => listen.Protocols = HttpProtocols.Http1);
        if (options.Grpc is { } grpc)
        {
            Listen(kestrel, grpc, GrpcKestrel.UseClearTextHttp2);
        }
    }

    // The first comes first: that is where commands of this machine find the hub.
    private void ListenAll(KestrelServerOptions kestrel, Action<ListenOptions> protocols)
    {
        foreach (var address in options.FurtherHttp.Prepend(options.Http))
        {
            Listen(kestrel, address, protocols);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, Uri address, Action<ListenOptions> protocols)
    {
        void Configure(ListenOptions listen)
        {
            ConnectionTicks.Use(listen);
            protocols(listen);
        }

        var host = address.Host.Trim('[', ']');
        if (IPAddress.TryParse(host, out var ip))
        {
            kestrel.Listen(ip, address.Port, Configure);
        }
        else if (host == "localhost")
        {
            kestrel.Listen(IPAddress.Loopback, address.Port, Configure);
        }
        else
        {
            kestrel.ListenAnyIP(address.Port, Configure);
        }
    }
}
