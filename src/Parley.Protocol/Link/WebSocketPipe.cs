using System.IO.Pipelines;
using System.Net.WebSockets;
using Parley.Protocol.Files;

namespace Parley.Protocol.Link;

/// <summary>A WebSocket as a byte stream: binary messages one after another, their borders without meaning. Used by both ends of a link.</summary>
public sealed class WebSocketPipe
{
    private const int ReadBytes = 16 * 1024;

    private readonly WebSocket _socket;

    /// <summary>A stream over an open socket; the socket stays the caller's.</summary>
    public WebSocketPipe(WebSocket socket)
    {
        _socket = socket;
        Input = PipeReader.Create(new ReadStream(socket), new StreamPipeReaderOptions(bufferSize: ReadBytes, minimumReadSize: 1024, useZeroByteReads: true));
    }

    /// <summary>Bytes from the other end; completes when it closes.</summary>
    public PipeReader Input { get; }

    /// <summary>Sends bytes as one binary message. One call at a time.</summary>
    /// <exception cref="IOException">The other end is gone.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException exception)
        {
            throw new IOException("The WebSocket broke.", exception);
        }
    }

    private sealed class ReadStream(WebSocket socket) : ReadOnlyStream
    {
        /// <summary>The receive for no bytes that tells when more is there; it goes on from one read to the next.</summary>
        private Task<ValueWebSocketReceiveResult>? _next;

        /// <summary>Takes what is there, over the borders of messages: a reader that got one message at a time would answer each with a write of its own.</summary>
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var filled = 0;
            while (filled == 0 || (filled < buffer.Length && _next is { IsCompletedSuccessfully: true }))
            {
                // A reader that asks for no bytes only waits for some to be there; an empty message is not the end.
                if (!await WaitAsync(cancellationToken) || buffer.Length == 0)
                {
                    break;
                }

                filled += (await ReceiveAsync(buffer[filled..], cancellationToken)).Count;
                _next = filled > 0 && !IsClosed ? ReceiveAsync(Memory<byte>.Empty, cancellationToken) : null;
            }

            return filled;
        }

        /// <summary>Waits until there is something to receive; false when the other end closed.</summary>
        private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
        {
            if (IsClosed)
            {
                return false;
            }

            var next = _next ?? ReceiveAsync(Memory<byte>.Empty, cancellationToken);
            _next = null;
            await next;
            return !IsClosed;
        }

        private bool IsClosed => socket.State is WebSocketState.CloseReceived or WebSocketState.Closed;

        private async Task<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            try
            {
                return await socket.ReceiveAsync(buffer, cancellationToken);
            }
            catch (WebSocketException exception)
            {
                throw new IOException("The WebSocket broke.", exception);
            }
        }
    }
}
