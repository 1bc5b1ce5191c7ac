using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Parley.Protocol.Errors;

namespace Parley.Hub.Transports.Http;

/// <summary>Lets proxies that the operator named say from where a request came.</summary>
internal static class TrustedProxies
{
    /// <summary>Reads <c>X-Forwarded-For</c> from the end, as long as it names trusted proxies. With none named the header is ignored.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: something is neither an address nor a network.</exception>
    public static void UseTrustedProxies(this IApplicationBuilder application, IReadOnlyList<string> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }

        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            options.KnownIPNetworks.Add(Parse(proxy));
        }

        application.UseForwardedHeaders(options);
    }

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
