using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Parley.Hub.Transports.Grpc;

/// <summary>Kestrel settings that many long HTTP/2 streams need, in one place. They are server-wide: Kestrel has no such limits per port.</summary>
/// <remarks>
/// Windows are ceilings: a thousand idle streams were measured at the same resident size with 64 KiB and with 1 MiB windows.
/// The minimum response rate stays on: a client that reads nothing for 20 s was not cut off by it, since the HTTP/2 window stops the writer before the socket does.
/// </remarks>
internal static class GrpcKestrel
{
    /// <summary>Receive window of a stream in bytes, 1 MiB: what a client may send before the hub has read. A ceiling, not a reservation: an idle stream holds nothing of it.</summary>
    public const int StreamWindowBytes = 1024 * 1024;

    /// <summary>Receive window of all streams of one connection in bytes: 2 MiB.</summary>
    public const int ConnectionWindowBytes = 2 * 1024 * 1024;

    /// <summary>Streams that may be open on one connection. Kestrel's 100 would make a busy client dial again and again.</summary>
    public const int MaxStreamsPerConnection = 1000;

    /// <summary>A connection that is silent for this long is pinged: 45 seconds.</summary>
    public static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(45);

    /// <summary>A connection that does not answer a ping for this long is closed: 20 seconds.</summary>
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Applies the settings.</summary>
    public static void Configure(KestrelServerOptions options)
    {
        var http2 = options.Limits.Http2;
        http2.InitialStreamWindowSize = StreamWindowBytes;
        http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        http2.KeepAlivePingDelay = PingDelay;
        http2.KeepAlivePingTimeout = PingTimeout;
    }

    /// <summary>Makes a listener speak HTTP/2 in clear text. Such a port cannot speak HTTP/1.1 as well: without TLS nothing negotiates.</summary>
    public static void UseClearTextHttp2(ListenOptions listener) => listener.Protocols = HttpProtocols.Http2;
}
