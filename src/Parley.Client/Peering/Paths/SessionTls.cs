using System.Security.Cryptography;
using Parley.Crypto;
using Parley.Crypto.Tls;

namespace Parley.Client.Peering.Paths;

/// <summary>TLS 1.3 between the two ends of one session: a certificate made for it alone, and the other end's by the fingerprint that its identity key signed.</summary>
internal sealed class SessionTls : IDisposable
{
    /// <summary>The protocol that both name (ALPN).</summary>
    public const string Protocol = "parley-peer";

    /// <summary>A fingerprint that was signed minutes ago says more than a date: two machines whose clocks disagree meet all the same.</summary>
    private static readonly TimeSpan _anyClock = TimeSpan.FromDays(3650);
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(365);

    private readonly TlsIdentity _identity;
    private readonly Ed25519Key _key;
    private readonly TimeProvider _time;
    private TlsContext? _server;
    private TlsContext? _client;

    private SessionTls(Ed25519Key key, TimeProvider time)
    {
        (_key, _time) = (key, time);
        _identity = new TlsIdentity(SelfSignedCertificate.Make(key, "parley", [], _lifetime, time), key);
    }

    /// <summary>SHA-256 of this end's certificate, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Fingerprint => _identity.Certificate.Fingerprint.ToArray();

    /// <summary>Makes the key and the certificate of a new session.</summary>
    public static SessionTls Make(TimeProvider time) => new(Ed25519Key.Generate(), time);

    /// <summary>From here on the other end must show the certificate with this fingerprint.</summary>
    public void Pin(ReadOnlyMemory<byte> remote)
    {
        _server = TlsContext.ForServer(new TlsServerOptions
        {
            Identity = _identity,
            Protocols = [Protocol],
            ClientCertificates = TlsClientCertificates.Required,
            IsPinned = certificate => CryptographicOperations.FixedTimeEquals(certificate.Fingerprint, remote.Span),
            ClockSkew = _anyClock,
            TimeProvider = _time,
        });
        _client = TlsContext.ForClient(new TlsClientOptions
        {
            Identity = _identity,
            Pins = [CertificatePin.Parse(Convert.ToHexString(remote.Span))],
            Protocols = [Protocol],
            ResumesSessions = false,
            ClockSkew = _anyClock,
            TimeProvider = _time,
        });
    }

    /// <summary>Makes the handshake over a connection, which is closed when it fails.</summary>
    /// <param name="inner">The connection.</param>
    /// <param name="isClient">Whether this end begins.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TlsException">The other end of the connection is not the other end of the session.</exception>
    public async Task<Stream> ProveAsync(Stream inner, bool isClient, CancellationToken cancellationToken)
    {
        var context = (isClient ? _client : _server) ?? throw new InvalidOperationException("Nobody is pinned yet.");
        return await PinnedTlsStream.AuthenticateAsync(inner, context, null, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _server?.Dispose();
        _client?.Dispose();
        _identity.Dispose();
        _key.Dispose();
    }
}
