using System.Net.Sockets;
using System.Text;

namespace Parley.HubTests.Rooms;

/// <summary>A client that writes its own bytes: to pipeline, to read slowly, to vanish.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly StringBuilder _read = new();

    private RawClient(Socket socket) => _socket = socket;

    public static async Task<RawClient> ConnectAsync(Uri hub, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        await socket.ConnectAsync(hub.Host, hub.Port);
        return new RawClient(socket);
    }

    /// <summary>Bytes that came and were not read.</summary>
    public int Available => _socket.Available;

    public Task RequestAsync(string method, string path, string token, string body = "")
    {
        var head = $"{method} {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n" +
            (method == "POST" ? $"Content-Type: text/plain\r\nContent-Length: {body.Length}\r\n" : string.Empty) + "\r\n" + body;
        return _socket.SendAsync(Encoding.ASCII.GetBytes(head));
    }

    /// <summary>Announces a body and sends none.</summary>
    public Task RequestHeadAsync(string path, string token, int length) => _socket.SendAsync(Encoding.ASCII.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n"));

    /// <summary>Reads until the text so far holds this so often; returns all of it.</summary>
    public async Task<string> ReadUntilAsync(string part, int count = 1)
    {
        var buffer = new byte[64 * 1024];
        using var limit = new CancellationTokenSource(Testing.Deadline.Shared, TimeProvider.System);
        while (_read.ToString().Split(part).Length - 1 < count)
        {
            var read = await _socket.ReceiveAsync(buffer, limit.Token);
            Assert.True(read > 0, $"The hub closed after: {_read}");
            _read.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return _read.ToString();
    }

    /// <summary>Ends the connection at once, as a killed process does.</summary>
    public void Vanish()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();
}
