namespace Parley.Hub.Pages;

/// <summary>Whether a request of a web page comes from the hub's own page. Pure.</summary>
/// <remarks>
/// Browsers say in <c>Origin</c> which page asks (RFC 6454): scheme, host and port, in small letters, without the port that is the scheme's own. Programs send none.
/// Where something in front of the hub ends TLS, the hub sees <c>http</c> and the page says <c>https</c>: then the operator's public address decides the scheme, for its own host alone.
/// </remarks>
internal static class PageOrigin
{
    /// <summary>Whether the origin is exactly the one that the request was sent to.</summary>
    /// <param name="origin">What the browser says; several, or <c>null</c>, is nobody's.</param>
    /// <param name="scheme">The request's scheme.</param>
    /// <param name="host">The request's <c>Host</c>, with its port.</param>
    /// <param name="publicUrl">The operator's public address; null when none was given.</param>
    public static bool IsOwn(string origin, string scheme, string host, Uri? publicUrl)
    {
        if (OriginOf($"{scheme}://{host}") is { } asked && origin == asked)
        {
            return true;
        }

        return publicUrl is not null && OriginOf(publicUrl.OriginalString) is { } known && origin == known && OriginOf($"{publicUrl.Scheme}://{host}") == known;
    }

    private static string? OriginOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "" } ? uri.GetLeftPart(UriPartial.Authority) : null;
}
