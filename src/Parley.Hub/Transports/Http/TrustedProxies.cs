using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>Lets proxies that the operator named say from where a request came, and what was asked of them.</summary>
internal static class TrustedProxies
{
    /// <summary>Reads <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> from the end, as long as they come from trusted proxies. With none named these headers are ignored.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: something is neither an address nor a network.</exception>
    public static void UseTrustedProxies(this IApplicationBuilder application, IReadOnlyList<string> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = null };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownIPNetworks.Add(Parse(proxy));
        }

        application.Use((context, next) =>
        {
            context.Features.Set(new AskedHost(context.Request.Host));
            return next(context);
        });
        application.UseForwardedHeaders(options);
    }

    /// <summary>Whether the request's host is the word of a trusted proxy, which serves only names that the operator gave it.</summary>
    public static bool IsHostForwarded(HttpContext context) => context.Features.Get<AskedHost>() is { } asked && asked.Host != context.Request.Host;

    // The host as it came, before a proxy's word took its place.
    private sealed record AskedHost(HostString Host);

    private static System.Net.IPNetwork Parse(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            return new System.Net.IPNetwork(address, address.GetAddressBytes().Length * 8);
        }

        return System.Net.IPNetwork.TryParse(text, out var network)
            ? network
            : throw new ParleyException(ErrorCode.InvalidArgument, "A trusted proxy is an address or a network, such as 10.0.0.0/8.");
    }
}
