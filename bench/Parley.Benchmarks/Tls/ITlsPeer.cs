namespace Parley.Benchmarks.Tls;

/// <summary>A server of HTTP/1.1 over TLS 1.3, and the client that goes with it.</summary>
internal interface ITlsPeer : IAsyncDisposable
{
    /// <summary>Its name in the results.</summary>
    string Name { get; }

    /// <summary>The server's process.</summary>
    int ProcessId { get; }

    /// <summary>Starts the server.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>A new connection after a full handshake, the server's certificate checked against its pin.</summary>
    Task<Stream> ConnectAsync(CancellationToken cancellationToken);
}
