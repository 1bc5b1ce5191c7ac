namespace Parley.Client.Responders.Mcp;

/// <summary>Carries messages to one MCP server and back.</summary>
internal interface IMcpTransport : IAsyncDisposable
{
    /// <summary>True when <see cref="SendAsync"/> returns only after everything that belongs to the message's answer came.</summary>
    bool AnswersWithinSend { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="onMessage">One message of JSON-RPC, or a batch.</param>
    /// <param name="onEnd">The server is gone.</param>
    void Start(Action<ReadOnlyMemory<byte>> onMessage, Action onEnd);

    /// <summary>Sends a message.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">It did not go out, or was refused.</exception>
    Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>The handshake is done.</summary>
    /// <param name="version">The version that both speak.</param>
    void Agree(string version);
}
