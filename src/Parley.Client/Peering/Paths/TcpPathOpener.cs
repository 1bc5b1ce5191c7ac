using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Google.Protobuf;
using Parley.Crypto.Tls;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering.Paths;

/// <summary>Looks for a TCP connection between the two machines: both listen, both tell their addresses, both dial. Whoever dials is TLS's client; only the other end of the session passes the handshake.</summary>
internal sealed class TcpPathOpener(PathContext context, TcpPathOptions options, TimeProvider time) : IPathOpener
{
    private readonly TriedWays _tried = new();
    private readonly SemaphoreSlim _unproved = new(options.MaxUnproved);
    private Socket? _listener;
    private int _proving;

    /// <inheritdoc/>
    public IReadOnlyList<string> Tried => _tried.All;

    /// <inheritdoc/>
    public bool IsForged { get; private set; }

    /// <inheritdoc/>
    /// <remarks>A connection that we dialled stands and is being proved; what comes in may be any stranger's.</remarks>
    public bool IsPromising => Volatile.Read(ref _proving) > 0;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> DescribeAsync(CancellationToken cancellationToken)
    {
        if (context.Remote.TlsFingerprint.IsEmpty)
        {
            // A browser: it speaks no TLS of its own.
            return ValueTask.FromResult<ReadOnlyMemory<byte>?>(null);
        }

        var description = new TcpDescription { Machine = ByteString.CopyFrom(MachineMark.Of(context.Secrets)) };
        if (options.Listens && TcpListening.TryOpen(options.Ports) is { } listener)
        {
            _listener = listener;
            var addresses = options.Addresses.Count > 0 ? options.Addresses : TcpCandidates.OfThisMachine(options.MaxCandidates);
            description.Candidates.AddRange(TcpCandidates.ToWire(addresses, ((IPEndPoint)listener.LocalEndPoint!).Port, options.MaxCandidates));
        }

        return ValueTask.FromResult<ReadOnlyMemory<byte>?>(description.ToByteArray());
    }

    /// <inheritdoc/>
    public async Task RunAsync(ReadOnlyMemory<byte> remote, Action<FoundPath> found, CancellationToken cancellationToken)
    {
        var description = Parse(remote);
        var isSameMachine = CryptographicOperations.FixedTimeEquals(description.Machine.Span, MachineMark.Of(context.Secrets));
        var points = TcpCandidates.ToDial(description.Candidates, isSameMachine, options.MaxCandidates);
        if (description.Candidates.Count == 0)
        {
            _tried.Add("the other end opens no port");
        }

        await Task.WhenAll([AcceptAllAsync(found, cancellationToken), .. points.Select(point => DialAsync(point, found, cancellationToken))]);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _listener?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TcpDescription Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return TcpDescription.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return new TcpDescription();
        }
    }

    private static string TextOf(IPEndPoint point) =>
        (point.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(point.Address.MapToIPv4(), point.Port) : point).ToString();

    private async Task AcceptAllAsync(Action<FoundPath> found, CancellationToken cancellationToken)
    {
        var proving = new List<Task>();
        try
        {
            while (_listener is not null)
            {
                var socket = await _listener.AcceptAsync(cancellationToken);
                proving.RemoveAll(task => task.IsCompleted);
                if (await _unproved.WaitAsync(0, CancellationToken.None))
                {
                    proving.Add(ProveIncomingAsync(socket, found, cancellationToken));
                }
                else
                {
                    socket.Dispose();
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Nobody is waited for any more.
        }

        await Task.WhenAll(proving);
    }

    private async Task ProveIncomingAsync(Socket socket, Action<FoundPath> found, CancellationToken cancellationToken)
    {
        try
        {
            await ProveAsync(socket, isClient: false, "from " + TextOf((IPEndPoint)socket.RemoteEndPoint!), found, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // A stranger, or a connection that broke: what comes in proves itself or goes.
            socket.Dispose();
        }
        finally
        {
            _unproved.Release();
        }
    }

    private async Task DialAsync(IPEndPoint point, Action<FoundPath> found, CancellationToken cancellationToken)
    {
        var text = TextOf(point);
        Socket? socket = null;
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // A machine may have no IPv6 at all.
            socket = new Socket(point.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(point, either.Token);
            Interlocked.Increment(ref _proving);
            try
            {
                await ProveAsync(socket, isClient: true, text, found, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _proving);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            socket?.Dispose();
            IsForged |= exception is TlsException { Fault: TlsFault.PinMismatch };
            _tried.Add(Explain(text, exception));
        }
    }

    private static string Explain(string text, Exception exception) => exception switch
    {
        TlsException { Fault: TlsFault.PinMismatch or TlsFault.CertificateUnusable or TlsFault.NotTls or TlsFault.OldVersion or TlsFault.NoCommonProtocol } => $"{text} is somebody else",
        OperationCanceledException => $"no answer from {text}",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"{text} refused",
        SocketException => $"{text} cannot be reached",
        _ => $"{text} closed the connection",
    };

    private async Task ProveAsync(Socket socket, bool isClient, string text, Action<FoundPath> found, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        using var limit = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        found(new FoundPath(await context.Tls.ProveAsync(new NetworkStream(socket, ownsSocket: true), isClient, either.Token), text));
    }
}
