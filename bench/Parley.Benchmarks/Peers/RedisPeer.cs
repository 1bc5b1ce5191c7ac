using Parley.Client.Load;
using System.Globalization;
using System.Security.Cryptography;

namespace Parley.Benchmarks.Peers;

/// <summary>redis-server with a password and without persistence, plain or TLS.</summary>
internal sealed class RedisPeer(bool isSecured, TimeProvider timeProvider) : IRequestReplyPeer
{
    private const int BusyBuffer = 64 * 1024;
    private const int IdleBuffer = 1024;

    private readonly string? _program = ServerProcess.Find("redis-server");
    private readonly ServerProcess _server = new(timeProvider);
    private PeerAddress? _address;

    /// <inheritdoc/>
    public string Name => "redis";

    /// <inheritdoc/>
    public int ProcessId => _server.Id;

    /// <inheritdoc/>
    public string? Unavailable => _program is null ? "redis-server is not installed" : null;

    private PeerAddress Address => _address ?? throw new InvalidOperationException("The server was not started.");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var certificate = isSecured ? new LoopbackCertificate(_server.Folder, timeProvider) : null;
        _address = new PeerAddress(ServerProcess.FreePort(), "default", RandomNumberGenerator.GetHexString(32), certificate);
        var port = _address.Port.ToString(CultureInfo.InvariantCulture);
        var configuration = Path.Combine(_server.Folder, "redis.conf");
        var transport = certificate is null
            ? $"port {port}"
            : $"port 0\ntls-port {port}\ntls-cert-file {certificate.CertificateFile}\ntls-key-file {certificate.KeyFile}\ntls-auth-clients no";
        SecretFile.Write(configuration, $"bind 127.0.0.1\nrequirepass {_address.Password}\nsave \"\"\nappendonly no\nmaxclients 12000\ndir {_server.Folder}\n{transport}\n");
        await _server.StartAsync(_program!, [configuration], _address.Port, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectResponderAsync(string name, CancellationToken cancellationToken) =>
        await RedisClient.ConnectAsync(Address, inbox: null, service: name, BusyBuffer, cancellationToken);

    /// <inheritdoc/>
    public async Task<IRequester> ConnectRequesterAsync(string name, CancellationToken cancellationToken) =>
        await RedisClient.ConnectAsync(Address, inbox: name, service: null, BusyBuffer, cancellationToken);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> ConnectIdleAsync(string name, CancellationToken cancellationToken) =>
        await RedisClient.ConnectAsync(Address, inbox: null, service: name, IdleBuffer, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
