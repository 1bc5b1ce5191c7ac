using Parley.Benchmarks.Scenarios;

namespace Parley.Benchmarks.Tls;

/// <summary>A server of HTTP/1.1 over TLS 1.3, and the client that goes with it.</summary>
internal interface ITlsPeer : IMeasuredServer, IAsyncDisposable
{
    /// <summary>Starts the server.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>A new connection after a full handshake, the server's certificate checked against its pin.</summary>
    Task<Stream> ConnectAsync(CancellationToken cancellationToken);
}
