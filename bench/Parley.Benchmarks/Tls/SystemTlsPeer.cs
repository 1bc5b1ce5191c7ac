using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Parley.Benchmarks.Peers;

namespace Parley.Benchmarks.Tls;

/// <summary>.NET's own TLS on both ends, with a P-256 certificate, since it loads no Ed25519 key.</summary>
internal sealed class SystemTlsPeer : ITlsPeer
{
    /// <summary>Its name in the results.</summary>
    public const string PeerName = "SslStream P-256";

    private readonly ServerProcess _server;
    private readonly LoopbackCertificate _certificate;
    private readonly int _port = ServerProcess.FreePort();

    /// <summary>Makes the certificate.</summary>
    public SystemTlsPeer(TimeProvider timeProvider)
    {
        _server = new ServerProcess(timeProvider);
        _certificate = new LoopbackCertificate(_server.Folder, timeProvider);
    }

    /// <inheritdoc/>
    public string Name => PeerName;

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) =>
        _server.StartAsync(Environment.ProcessPath!, TlsServer.Arguments(_port, _certificate.CertificateFile, _certificate.KeyFile, "system"), _port, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(await BatchedConnection.ConnectAsync(_port, cancellationToken), ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                AllowTlsResume = false,
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null && _certificate.IsSame(certificate),
            },
            cancellationToken);
        return stream;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
