using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Parley.Hub.Outbound;

/// <summary>Makes the HTTP calls of the hub to addresses that somebody else chose: webhooks, remote agents, their cards and key sets.</summary>
/// <remarks>One handler and one set of connections per policy. Nothing of the surroundings counts: no proxy, no cookies, no redirects, no credentials, no trace headers.</remarks>
internal sealed class OutboundHttp(IAddressResolver resolver, TimeProvider time) : IDisposable
{
    // An address is judged when it is connected to; this bounds how long a judgement holds.
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _connectionIdle = TimeSpan.FromSeconds(90);
    private const int MaxConnectionsPerHost = 64;
    private const int MaxHeaderKiB = 32;

    private readonly ConcurrentDictionary<OutboundPolicy, Lazy<HttpMessageInvoker>> _invokers = [];

    /// <summary>Sends requests under a policy; shared, not to be disposed of. Answers come as soon as their headers are there.</summary>
    /// <remarks>Throws ParleyException for what it refuses or cuts, HttpRequestException for what fails.</remarks>
    public HttpMessageInvoker For(OutboundPolicy policy) => _invokers.GetOrAdd(policy, key => new Lazy<HttpMessageInvoker>(() => Make(key))).Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var invoker in _invokers.Values.Where(invoker => invoker.IsValueCreated))
        {
            invoker.Value.Dispose();
        }
    }

    private HttpMessageInvoker Make(OutboundPolicy policy)
    {
        var dialer = new OutboundDialer(policy, resolver);
        return new HttpMessageInvoker(new OutboundGuard(policy, time, new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            PreAuthenticate = false,
            Credentials = null,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            ConnectTimeout = policy.ConnectTimeout,
            PooledConnectionLifetime = _connectionLifetime,
            PooledConnectionIdleTimeout = _connectionIdle,
            MaxConnectionsPerServer = MaxConnectionsPerHost,
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = MaxHeaderKiB,
            ConnectCallback = (context, cancellationToken) => dialer.DialAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken),
        }));
    }
}
