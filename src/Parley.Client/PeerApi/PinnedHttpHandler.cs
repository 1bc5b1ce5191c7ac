using System.Net;
using System.Net.Sockets;
using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi;

/// <summary>The HTTP handler that reaches one peer over pinned TLS 1.3. Addresses are <c>https</c>; nothing is sent in the clear, and nothing before the pin was checked.</summary>
/// <remarks>
/// .NET's handler insists on its own TLS for <c>https</c>, so inside it is told <c>http</c> and given connections that are encrypted already. Two things follow:
/// no proxy is used (it would see the pinned connection as plain), and HTTP/2, which a caller asks for by an exact version, names the scheme http: Kestrel takes that with AllowAlternateSchemes.
/// A peer that is not the pinned one shows as an <see cref="HttpRequestException"/> around a <see cref="TlsException"/>.
/// </remarks>
public sealed class PinnedHttpHandler : DelegatingHandler
{
    private static readonly string[] _http2 = ["h2"];

    private readonly TlsContext _context;

    /// <summary>Makes the handler.</summary>
    /// <param name="context">The client's end towards this peer; it must live as long as the handler.</param>
    /// <param name="connectTimeout">How long connecting and the handshake may take together.</param>
    public PinnedHttpHandler(TlsContext context, TimeSpan connectTimeout)
    {
        _context = context;
        InnerHandler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = connectTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri;
        if (address is not { IsAbsoluteUri: true } || address.Scheme != Uri.UriSchemeHttps)
        {
            throw new TlsException(TlsFault.NotTls, "A peer is reached by https alone: plain HTTP is never sent.");
        }

        request.RequestUri = new UriBuilder(address) { Scheme = Uri.UriSchemeHttp, Port = address.Port }.Uri;
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = address;
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext connection, CancellationToken cancellationToken)
    {
        var request = connection.InitialRequestMessage;
        var isHttp2 = request.Version == HttpVersion.Version20 && request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(connection.DnsEndPoint, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = await PinnedTlsStream.AuthenticateAsync(new NetworkStream(socket, ownsSocket: true), _context, isHttp2 ? _http2 : null, cancellationToken);
        if (isHttp2 && stream.Protocol != "h2")
        {
            await stream.DisposeAsync();
            throw new TlsException(TlsFault.NoCommonProtocol, "The peer does not speak HTTP/2: ask it over HTTP/1.1.");
        }

        return stream;
    }
}
