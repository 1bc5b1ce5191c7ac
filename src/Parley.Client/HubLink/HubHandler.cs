using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Client.HubLink;

/// <summary>Makes the HTTP handler that reaches one hub: whom it trusts, whether a proxy is used, and windows large enough for a busy link.</summary>
/// <remarks>
/// With a pin, the hub's key decides and nothing else does: names and dates in a self-made certificate say nothing. Without one, the system's trust store decides.
/// Time-outs are the caller's, except none: a link lives for days. A handler serves one address; its connections are not shared with another identity.
/// </remarks>
public static class HubHandler
{
    /// <summary>First flow-control window of a stream in bytes, 1 MiB; HTTP/2's own 64 KiB stalls a link on any distance.</summary>
    private const int StreamWindowBytes = 1024 * 1024;

    private const string PinHint = ": if it made its own certificate, name its key with --pin or PARLEY_PIN";

    /// <summary>Makes the handler for the hub that a home joined.</summary>
    /// <param name="profile">The hub.</param>
    /// <param name="address">Which of its addresses.</param>
    /// <param name="seen">Learns the hub's key at each handshake.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the address would be spoken to in the clear.</exception>
    public static SocketsHttpHandler Make(HubProfile profile, Uri address, HubKeySeen seen) => Make(address, profile.Pin, seen, profile.AllowInsecure);

    /// <summary>Makes the handler for a hub that is not joined yet.</summary>
    /// <param name="address">The hub's HTTP or gRPC address.</param>
    /// <param name="pin">The hub's key, for a hub that made its own certificate.</param>
    /// <param name="seen">Learns the hub's key at each handshake.</param>
    /// <param name="allowInsecure">Whether plain HTTP to another machine is accepted.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: the address would be spoken to in the clear.</exception>
    public static SocketsHttpHandler Make(Uri address, SpkiPin? pin, HubKeySeen seen, bool allowInsecure = false)
    {
        var isLoopback = IsLoopback(address);
        CheckScheme(address, pin, isLoopback || allowInsecure);
        var handler = new SocketsHttpHandler
        {
            // The variables HTTPS_PROXY and NO_PROXY count, but nobody means them for this machine.
            UseProxy = !isLoopback,
            AllowAutoRedirect = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = false,
            InitialHttp2StreamWindowSize = StreamWindowBytes,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors, pin, seen);
        return handler;
    }

    /// <summary>What a failed call to the hub means, as a refusal with a sentence for the user.</summary>
    /// <param name="exception">How it failed.</param>
    /// <param name="address">Which hub.</param>
    /// <param name="seen">What its key was.</param>
    /// <param name="canPin">Whether the caller could have named the hub's key, and did not.</param>
    public static ParleyException Explain(HttpRequestException exception, Uri address, HubKeySeen seen, bool canPin = false)
    {
        if (seen.IsMismatch)
        {
            return new ParleyException(
                ErrorCode.PinMismatch, $"The key of the hub at {address.Authority} is not the pinned one: the hub was replaced, or someone is in between.", exception);
        }

        return exception.HttpRequestError == HttpRequestError.SecureConnectionError
            ? new ParleyException(ErrorCode.HubUnreachable, $"No trusted TLS connection to the hub at {address.Authority} could be made{(canPin ? PinHint : string.Empty)}.", exception)
            : new ParleyException(ErrorCode.HubUnreachable, $"The hub at {address.Authority} cannot be reached.", exception);
    }

    /// <summary>Whether an address is this machine by its text: <c>localhost</c> or a loopback IP address; names are not resolved.</summary>
    internal static bool IsLoopback(Uri address) =>
        string.Equals(address.IdnHost, "localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(address.IdnHost, out var ip) && IPAddress.IsLoopback(ip));

    private static void CheckScheme(Uri address, SpkiPin? pin, bool isClearAllowed)
    {
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            return;
        }

        if (address.Scheme != Uri.UriSchemeHttp)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A hub's address is http://HOST:PORT or https://HOST:PORT.");
        }

        if (pin is not null)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The hub's key is pinned, so its address must be https.");
        }

        if (!isClearAllowed)
        {
            throw new ParleyException(
                ErrorCode.InvalidArgument, $"The hub at {address.Authority} is on another machine and speaks plain HTTP: use https, or allow it with --insecure-http.");
        }
    }

    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, SpkiPin? pin, HubKeySeen seen)
    {
        if (certificate is not X509Certificate2 full)
        {
            return false;
        }

        var hash = SpkiPin.HashOf(full);
        if (pin is { } expected ? !expected.Matches(hash) : errors != SslPolicyErrors.None)
        {
            if (pin is not null)
            {
                seen.Refuse();
            }

            return false;
        }

        seen.Accept(hash);
        return true;
    }
}
