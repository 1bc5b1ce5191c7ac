using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Parley.Testing.Faults;

/// <summary>A TCP connection on which a test says bytes that no client library would.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private RawConnection()
    {
    }

    /// <summary>Connects.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="from">From which loopback address; null: the usual one.</param>
    public static async Task<RawConnection> OpenAsync(Uri address, CancellationToken cancellationToken, IPAddress? from = null)
    {
        var connection = new RawConnection();
        if (from is not null)
        {
            connection._socket.Bind(new IPEndPoint(from, 0));
        }

        await connection._socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        return connection;
    }

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => await _socket.SendAsync(bytes, cancellationToken);

    /// <summary>Sends a byte again and again, until the other side has had enough or the test has what it wanted.</summary>
    public async Task DripAsync(byte drop, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(_pause);
            do
            {
                await _socket.SendAsync(new[] { drop }, cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut, as it should be.
        }
    }

    /// <summary>What the other side said until it ended the connection, as Latin-1.</summary>
    /// <exception cref="TimeoutException">It keeps it open.</exception>
    public async Task<string> ReadToEndAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int count; (count = await _socket.ReceiveAsync(buffer, limit.Token)) > 0;)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The connection stays open; the other side said: {text}");
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
