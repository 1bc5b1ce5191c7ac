using System.Net.WebSockets;
using Parley.Protocol.Link;

namespace Parley.Tests.Link;

public sealed class WebSocketPipeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_to_an_end_that_is_gone_shows_as_a_broken_stream()
    {
        using var socket = WebSocket.CreateFromStream(new GoneStream(), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var pipe = new WebSocketPipe(socket);

        var broken = await Record.ExceptionAsync(async () => await pipe.WriteAsync(new byte[10], Stop));

        Assert.IsType<IOException>(broken);
    }

    private sealed class GoneStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Broken pipe");
    }
}
