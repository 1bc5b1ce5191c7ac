using System.Net.Sockets;
using Parley.Benchmarks.Peers;
using Parley.Crypto.Tls;
using Parley.Crypto;

namespace Parley.Benchmarks.Tls;

/// <summary>Our pinned TLS on both ends, with an Ed25519 certificate.</summary>
internal sealed class PinnedTlsPeer : ITlsPeer
{
    private readonly ServerProcess _server;
    private readonly TlsContext _context;
    private readonly string _certificateFile;
    private readonly string _keyFile;
    private readonly int _port = ServerProcess.FreePort();

    /// <summary>Makes the certificate.</summary>
    public PinnedTlsPeer(TimeProvider timeProvider)
    {
        _server = new ServerProcess(timeProvider);
        using var key = Ed25519Key.Generate();
        var certificate = SelfSignedCertificate.Make(key, "localhost", ["localhost"], TimeSpan.FromDays(1), timeProvider);
        (_certificateFile, _keyFile) = (Path.Combine(_server.Folder, "tls.crt"), Path.Combine(_server.Folder, "tls.key"));
        SecretFile.Write(_certificateFile, certificate.ToPem());
        SecretFile.Write(_keyFile, key.ExportPkcs8Pem());
        _context = TlsContext.ForClient(new TlsClientOptions { Pins = [CertificatePin.Of(certificate)], ResumesSessions = false });
    }

    /// <inheritdoc/>
    public string Name => "parley Ed25519";

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) =>
        _server.StartAsync(Environment.ProcessPath!, TlsServer.Arguments(_port, _certificateFile, _keyFile, TlsServer.Pinned), _port, cancellationToken);

    /// <inheritdoc/>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken) => await PinnedTlsStream.AuthenticateAsync(
        new NetworkStream(await BatchedConnection.ConnectAsync(_port, cancellationToken), ownsSocket: true), _context, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _context.Dispose();
        await _server.DisposeAsync();
    }
}
