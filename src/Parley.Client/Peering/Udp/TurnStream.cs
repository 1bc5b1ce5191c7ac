using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Parley.Protocol.Stun;
using Parley.WebRtc.Turn;

namespace Parley.Client.Peering.Udp;

/// <summary>A TCP or TLS connection to a relay, for networks that let no UDP out: carries what would be datagrams. What finds no room is lost, as a datagram would be.</summary>
internal sealed class TurnStream : IAsyncDisposable
{
    private const int MaxWaiting = 512;
    private const int MaxFilling = 3;

    private readonly Channel<byte[]> _waiting = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Stream _stream;

    private TurnStream(Stream stream, TransportAddress local, TransportAddress remote) => (_stream, Local, Remote) = (stream, local, remote);

    /// <summary>Our end.</summary>
    public TransportAddress Local { get; }

    /// <summary>The relay's.</summary>
    public TransportAddress Remote { get; }

    /// <summary>Connects; over TLS the relay's certificate must be good for its name.</summary>
    /// <param name="server">The relay.</param>
    /// <param name="address">One of its addresses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">Nobody answers there, or TLS failed.</exception>
    public static async Task<TurnStream> ConnectAsync(IceServer server, IPAddress address, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(address, server.Port), cancellationToken);
            var (local, remote) = (AddressOf(socket.LocalEndPoint), AddressOf(socket.RemoteEndPoint));
            var plain = new NetworkStream(socket, ownsSocket: true);
            return new TurnStream(server.Transport == TurnTransport.Tls ? await ProveAsync(plain, server.Host, cancellationToken) : plain, local, remote);
        }
        catch (Exception exception)
        {
            socket?.Dispose();
            throw exception is SocketException or System.Security.Authentication.AuthenticationException ? new IOException(ReasonOf(exception), exception) : exception;
        }
    }

    /// <summary>Sends a message when its turn comes.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        var framed = new byte[message.Length + TurnFraming.FillingOf(message.Length)];
        message.CopyTo(framed);
        _waiting.Writer.TryWrite(framed);
    }

    /// <summary>Carries messages until the connection ends.</summary>
    /// <param name="received">Takes one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">It broke, or what came was no message.</exception>
    public async Task RunAsync(Action<ReadOnlyMemory<byte>> received, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var both = new[] { SendAllAsync(stop.Token), ReceiveAllAsync(received, stop.Token) };
        var first = await Task.WhenAny(both);
        await stop.CancelAsync();
        await Task.WhenAll(both).ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<Stream> ProveAsync(NetworkStream plain, string name, CancellationToken cancellationToken)
    {
        var tls = new SslStream(plain);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name }, cancellationToken);
        return tls;
    }

    private static TransportAddress AddressOf(EndPoint? point) => point is IPEndPoint { Address: var address, Port: var port } ? TransportAddress.From(address, port) : default;

    private static string ReasonOf(Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "the relay refused the connection",
        SocketException => "the relay cannot be reached",
        _ => "the relay's certificate is not good for its name, or it speaks no TLS",
    };

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in _waiting.Reader.ReadAllAsync(cancellationToken))
        {
            await _stream.WriteAsync(message, cancellationToken);
        }
    }

    private async Task ReceiveAllAsync(Action<ReadOnlyMemory<byte>> received, CancellationToken cancellationToken)
    {
        var buffer = new byte[TurnFraming.MaxBytes + MaxFilling];
        var end = 0;
        while (true)
        {
            end = await FillAsync(buffer, end, TurnFraming.LeadBytes, cancellationToken);
            if (!TurnFraming.TryRead(buffer, out var length, out var filling))
            {
                throw new IOException("The relay said what no relay says.");
            }

            end = await FillAsync(buffer, end, length + filling, cancellationToken);
            received(buffer.AsMemory(0, length));
            end -= length + filling;
            buffer.AsSpan(length + filling, end).CopyTo(buffer);
        }
    }

    /// <summary>Reads until so many bytes are there.</summary>
    private async ValueTask<int> FillAsync(byte[] buffer, int end, int wanted, CancellationToken cancellationToken)
    {
        while (end < wanted)
        {
            var count = await _stream.ReadAsync(buffer.AsMemory(end), cancellationToken);
            end += count > 0 ? count : throw new EndOfStreamException("The relay closed the connection.");
        }

        return end;
    }
}
