using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Parley.Benchmarks.Peers;

/// <summary>One HTTP/1.1 connection that is kept, one request at a time: so thin that the server's work is what is measured.</summary>
internal sealed class HttpConnection : IDisposable
{
    private const int FirstBuffer = 1024;

    private readonly Socket _socket;
    private byte[] _input = new byte[FirstBuffer];

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>Connects to a loopback port.</summary>
    public static async Task<HttpConnection> ConnectAsync(int port, CancellationToken cancellationToken) => new(await BatchedConnection.ConnectAsync(port, cancellationToken));

    /// <summary>The bytes of a request, to be sent as often as wanted.</summary>
    public static byte[] Request(string method, string path, string? token = null, string? type = null, string body = "")
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        if (token is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {token}\r\n");
        }

        if (type is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\r\n");
        }

        if (method == "POST")
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").Append(body).ToString());
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <returns>The body, good until the next answer.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await SendAsync(request, cancellationToken);
        return await ReceiveAsync(cancellationToken);
    }

    /// <summary>Sends a request.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        while (request.Length > 0)
        {
            request = request[await _socket.SendAsync(request, cancellationToken)..];
        }
    }

    /// <summary>Reads the answer to the request that was sent.</summary>
    /// <exception cref="InvalidDataException">It is not 200, or the connection ended.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        while (true)
        {
            if (count == _input.Length)
            {
                Array.Resize(ref _input, _input.Length * 2);
            }

            var read = await _socket.ReceiveAsync(_input.AsMemory(count), cancellationToken);
            if (read == 0)
            {
                throw new InvalidDataException("The server closed the connection.");
            }

            count += read;
            if (TryMeasure(_input.AsSpan(0, count), out var head, out var length) && count >= head + length)
            {
                return _input.AsMemory(head, length);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static bool TryMeasure(ReadOnlySpan<byte> answer, out int head, out int length)
    {
        length = 0;
        head = answer.IndexOf("\r\n\r\n"u8) + 4;
        if (head < 4)
        {
            return false;
        }

        if (!answer.StartsWith("HTTP/1.1 200 "u8))
        {
            throw new InvalidDataException(Encoding.UTF8.GetString(answer));
        }

        var name = "\r\nContent-Length: "u8;
        var start = answer[..head].IndexOf(name) + name.Length;
        return start >= name.Length && int.TryParse(answer[start..(start + answer[start..].IndexOf((byte)'\r'))], CultureInfo.InvariantCulture, out length)
            ? true
            : throw new InvalidDataException("An answer without its length.");
    }
}
