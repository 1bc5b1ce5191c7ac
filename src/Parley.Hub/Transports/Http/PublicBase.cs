using Microsoft.AspNetCore.Http;

namespace Parley.Hub.Transports.Http;

/// <summary>The address under which callers reach the hub, for absolute addresses in what they read.</summary>
internal static class PublicBase
{
    /// <summary>The operator's public address, else the one that the request named: its host is one of ours, since others are refused before, and trusted proxies may say what was asked of them.</summary>
    /// <param name="context">The request.</param>
    /// <param name="options">The operator's address.</param>
    public static Uri Of(HttpContext context, HubOptions options) => options.PublicUrl ?? new Uri($"{context.Request.Scheme}://{context.Request.Host.Value}/");
}
