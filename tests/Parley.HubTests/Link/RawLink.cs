using System.Buffers;
using System.Net.WebSockets;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.HubTests.Link;

/// <summary>A link without a client: bytes go out as they are given, frames come in as the hub wrote them.</summary>
internal sealed class RawLink : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private ReadOnlySequence<byte> _received = ReadOnlySequence<byte>.Empty;

    /// <summary>Connects.</summary>
    public static async Task<RawLink> OpenAsync(Uri http)
    {
        var link = new RawLink();
        await link._socket.ConnectAsync(new UriBuilder(http) { Scheme = "ws", Path = "/api/link" }.Uri, CancellationToken.None);
        return link;
    }

    /// <summary>A frame as bytes on the link.</summary>
    public static byte[] BytesOf(Frame frame)
    {
        var output = new ArrayBufferWriter<byte>();
        FrameCodec.Write(output, frame);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes bytes.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).AsTask();

    /// <summary>Reads the next frame.</summary>
    public async Task<Frame> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Deadline.Shared);
        Frame frame;
        while (!FrameCodec.TryRead(ref _received, out frame))
        {
            var buffer = new byte[64 * 1024];
            var read = await _socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                throw new EndOfStreamException("The hub closed the link.");
            }

            _received = new ReadOnlySequence<byte>([.. _received.ToArray(), .. buffer[..read.Count]]);
        }

        return frame;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
