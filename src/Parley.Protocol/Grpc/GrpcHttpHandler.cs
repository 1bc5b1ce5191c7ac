using System.Net;

namespace Parley.Protocol.Grpc;

/// <summary>The HTTP handler that long gRPC streams need.</summary>
public static class GrpcHttpHandler
{
    /// <summary>Receive window of a stream in bytes: 1 MiB, so that one round trip does not stop a busy stream. It costs nothing while idle.</summary>
    public const int StreamWindowBytes = 1024 * 1024;

    /// <summary>Makes a handler without proxy, cookies or redirects, with keep-alive pings and large windows. The caller adds its TLS rules and disposes of it.</summary>
    /// <param name="connectTimeout">How long a connection may take to come up; null: 15 seconds.</param>
    public static SocketsHttpHandler Create(TimeSpan? connectTimeout = null) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        ConnectTimeout = connectTimeout ?? TimeSpan.FromSeconds(15),
    };
}
