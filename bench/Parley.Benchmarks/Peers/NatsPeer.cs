using Parley.Client.Load;
using System.Security.Cryptography;

namespace Parley.Benchmarks.Peers;

/// <summary>nats-server with password authentication, plain or TLS.</summary>
internal sealed class NatsPeer(bool isSecured, TimeProvider timeProvider) : IRequestReplyPeer
{
    private const int BusyBuffer = 64 * 1024;
    private const int IdleBuffer = 1024;

    private readonly string? _program = ServerProcess.Find("nats-server");
    private readonly ServerProcess _server = new(timeProvider);
    private PeerAddress? _address;

    /// <inheritdoc/>
    public string Name => "nats";

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public string? Unavailable => _program is null ? "nats-server is not installed" : null;

    private PeerAddress Address => _address ?? throw new InvalidOperationException("The server was not started.");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var certificate = isSecured ? new LoopbackCertificate(_server.Folder, timeProvider) : null;
        _address = new PeerAddress(ServerProcess.FreePort(), "bench", RandomNumberGenerator.GetHexString(32), certificate);
        var configuration = Path.Combine(_server.Folder, "nats.conf");
        // ping_interval: the same heartbeat as Parley's link, so that idle agents cost alike.
        SecretFile.Write(configuration, $$"""
            host: 127.0.0.1
            port: {{_address.Port}}
            ping_interval: "30s"
            authorization { user: "{{_address.User}}", password: "{{_address.Password}}" }
            {{(certificate is null ? "" : $$"""tls { cert_file: "{{certificate.CertificateFile}}", key_file: "{{certificate.KeyFile}}", timeout: 30 }""")}}
            """);
        await _server.StartAsync(_program!, ["-c", configuration], _address.Port, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectResponderAsync(string name, CancellationToken cancellationToken) =>
        await NatsClient.ConnectAsync(Address, inbox: null, service: name, BusyBuffer, cancellationToken);

    /// <inheritdoc/>
    public async Task<IRequester> ConnectRequesterAsync(string name, CancellationToken cancellationToken) =>
        await NatsClient.ConnectAsync(Address, inbox: name, service: null, BusyBuffer, cancellationToken);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectIdleAsync(string name, CancellationToken cancellationToken) =>
        await NatsClient.ConnectAsync(Address, inbox: null, service: name, IdleBuffer, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
