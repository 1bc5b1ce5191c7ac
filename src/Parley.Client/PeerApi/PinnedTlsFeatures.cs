using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi;

/// <summary>Tells Kestrel what was agreed on: the protocol decides between HTTP/1.1 and HTTP/2, the rest makes the scheme https.</summary>
internal sealed class PinnedTlsFeatures(PinnedTlsStream stream) : ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature
{
    private readonly byte[] _protocol = stream.Protocol is { } name ? [.. name.Select(character => (byte)character)] : [];
    private X509Certificate2? _certificate;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ApplicationProtocol => _protocol;

    /// <inheritdoc/>
    public X509Certificate2? ClientCertificate
    {
        get => _certificate ??= stream.PeerCertificate is { } shown ? X509CertificateLoader.LoadCertificate(shown.Der.Span) : null;
        set => _certificate = value;
    }

    /// <inheritdoc/>
    public SslProtocols Protocol => SslProtocols.Tls13;

    /// <inheritdoc/>
    public TlsCipherSuite? NegotiatedCipherSuite => (TlsCipherSuite)stream.CipherSuite;

    /// <summary>No names are exchanged: a pin decides.</summary>
    public string HostName => string.Empty;

    // What TLS 1.3 no longer chooses in a suite; the interface still asks.
#pragma warning disable SYSLIB0058
    /// <inheritdoc/>
    public CipherAlgorithmType CipherAlgorithm => CipherAlgorithmType.None;

    /// <inheritdoc/>
    public int CipherStrength => 0;

    /// <inheritdoc/>
    public HashAlgorithmType HashAlgorithm => HashAlgorithmType.None;

    /// <inheritdoc/>
    public int HashStrength => 0;

    /// <inheritdoc/>
    public ExchangeAlgorithmType KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

    /// <inheritdoc/>
    public int KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058

    /// <inheritdoc/>
    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
