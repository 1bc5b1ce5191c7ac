using System.IO.Pipelines;
using Parley.Protocol.Link;

namespace Parley.Hub.Transports.Link;

/// <summary>A link over a WebSocket, for networks where HTTP/2 does not pass: the same bytes, cut into binary messages wherever the writer likes.</summary>
internal sealed class WebSocketLinkTransport(WebSocketPipe pipe, byte[] keyHash, bool isFromPage, Action abort) : ILinkTransport, IEncryptedTransport, IPageTransport
{
    /// <inheritdoc/>
    public string Name => "websocket";

    /// <inheritdoc/>
    public PipeReader Input => pipe.Input;

    /// <inheritdoc/>
    public byte[]? KeyHash => keyHash.Length == 0 ? null : keyHash;

    /// <inheritdoc/>
    public bool IsFromPage => isFromPage;

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken) => pipe.WriteAsync(frames, cancellationToken);

    /// <inheritdoc/>
    public void Abort() => abort();
}
