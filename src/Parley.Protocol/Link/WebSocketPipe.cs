using System.IO.Pipelines;
using System.Net.WebSockets;

namespace Parley.Protocol.Link;

/// <summary>A WebSocket as a byte stream: binary messages one after another, their borders without meaning. Used by both ends of a link.</summary>
public sealed class WebSocketPipe
{
    private const int ReadBytes = 4096;

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
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);

    private sealed class ReadStream(WebSocket socket) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (true)
            {
                // The close may have come with a read for no bytes, which cannot tell it from bytes being there.
                if (socket.State is WebSocketState.CloseReceived or WebSocketState.Closed)
                {
                    return 0;
                }

                ValueWebSocketReceiveResult received;
                try
                {
                    received = await socket.ReceiveAsync(buffer, cancellationToken);
                }
                catch (WebSocketException exception)
                {
                    throw new IOException("The WebSocket broke.", exception);
                }

                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return 0;
                }

                // A reader that asks for no bytes only waits for some to be there; an empty message is not the end.
                if (received.Count > 0 || buffer.Length == 0)
                {
                    return received.Count;
                }
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
