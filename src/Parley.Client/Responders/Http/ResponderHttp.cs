using System.Net;

namespace Parley.Client.Responders.Http;

/// <summary>The HTTP client of responders: no redirects, no cookies, no time limit of its own (the pipeline has one).</summary>
internal static class ResponderHttp
{
    /// <summary>Largest answer that is read, in bytes: 24 MiB, a file of 16 MiB as base64 and room for the rest.</summary>
    public const int MaxResponseBytes = 24 * 1024 * 1024;

    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Makes a client for one server.</summary>
    public static HttpClient Create(Uri server)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !server.IsLoopback,
            ConnectTimeout = _connectTimeout,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
