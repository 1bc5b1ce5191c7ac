using Parley.Protocol.Errors;

namespace Parley.Hub.Outbound;

/// <summary>Whether an address may be called as far as its text tells: asked when somebody hands one in, and again before each call. What its host resolves to is asked when connecting.</summary>
internal static class OutboundUrl
{
    private const int MaxLength = 2048;

    /// <summary>Refuses an address that could never be called.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.OutboundRefused"/>, or <see cref="ErrorCode.InvalidArgument"/> for what is no absolute address.</exception>
    public static void Check(Uri? url, OutboundPolicy policy)
    {
        if (url is not { IsAbsoluteUri: true } || url.OriginalString.Length > MaxLength || url.Host.Length == 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The address must be an absolute one of at most 2048 characters.");
        }

        if (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp)
        {
            throw new ParleyException(ErrorCode.OutboundRefused, "Only http and https are called.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new ParleyException(ErrorCode.OutboundRefused, "An address with a name or a password in it is not called.");
        }

        if (policy.Ports.Count > 0 && !policy.Ports.Contains(url.Port))
        {
            throw new ParleyException(ErrorCode.OutboundRefused, "The port is none that the hub's operator allows: parley hub --outbound-port PORT.");
        }

        if (System.Net.IPAddress.TryParse(url.Host.Trim('[', ']').TrimEnd('.'), out var literal))
        {
            policy.Addresses.Check(url.Host, literal);
        }
    }
}
