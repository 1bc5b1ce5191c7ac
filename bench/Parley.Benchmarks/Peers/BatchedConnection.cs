using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Parley.Benchmarks.Peers;

/// <summary>A client connection that reads into one contiguous buffer and writes many messages with one system call.</summary>
/// <remarks>
/// Everything that is appended while a batch of input is handled goes out in one write when the batch ends; what is appended
/// from elsewhere goes out at once, unless a write is under way: then with the next. Replies are completed on the reading thread,
/// without a hop through the thread pool.
/// </remarks>
internal abstract class BatchedConnection : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly CancellationTokenSource _closing = new();
    private ArrayBufferWriter<byte> _filling = new();
    private ArrayBufferWriter<byte> _writing = new();
    private Stream _stream;
    private byte[] _input;
    private bool _isWriting;
    private bool _isReadingBatch;
    private Task _reading = Task.CompletedTask;

    /// <summary>Takes over a connected socket.</summary>
    protected BatchedConnection(Socket socket, int inputBytes)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _input = new byte[inputBytes];
    }

    /// <summary>Why the connection ended by itself, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The stream, before reading starts: for handshakes.</summary>
    protected Stream Stream => _stream;

    /// <summary>Opens a TCP connection to a loopback port.</summary>
    public static async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _stream.DisposeAsync();
        await _reading;
        _closing.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Goes on over TLS; the server must show exactly this certificate.</summary>
    protected async Task UpgradeAsync(LoopbackCertificate certificate, CancellationToken cancellationToken)
    {
        var secured = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = secured;
        await secured.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null && certificate.IsSame(presented),
            },
            cancellationToken);
    }

    /// <summary>Starts handling input.</summary>
    protected void StartReading() => _reading = ReadAllAsync();

    /// <summary>Handles the whole messages at the front and returns the bytes they took.</summary>
    /// <exception cref="InvalidDataException">The server broke its protocol.</exception>
    protected abstract int Handle(ReadOnlySpan<byte> input);

    /// <summary>Called once when the connection ended, however it did.</summary>
    protected abstract void OnClosed(Exception? failure);

    /// <summary>Enters the writer; write between this and <see cref="EndWrite"/>.</summary>
    protected IBufferWriter<byte> BeginWrite()
    {
        _gate.Enter();
        return _filling;
    }

    /// <summary>Leaves the writer and starts a write unless one is coming anyway.</summary>
    protected void EndWrite()
    {
        var start = !_isReadingBatch && !_isWriting;
        _isWriting |= start;
        _gate.Exit();
        if (start)
        {
            _ = WriteAllAsync();
        }
    }

    private async Task ReadAllAsync()
    {
        var buffered = 0;
        try
        {
            while (true)
            {
                if (buffered == _input.Length)
                {
                    Array.Resize(ref _input, _input.Length * 2);
                }

                var read = await _stream.ReadAsync(_input.AsMemory(buffered), _closing.Token);
                if (read == 0)
                {
                    break;
                }

                buffered += read;
                lock (_gate)
                {
                    _isReadingBatch = true;
                }

                var taken = Handle(_input.AsSpan(0, buffered));
                FlushBatch();
                buffered -= taken;
                _input.AsSpan(taken, buffered).CopyTo(_input);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or ObjectDisposedException or OperationCanceledException)
        {
            Failure = _closing.IsCancellationRequested ? null : exception;
        }

        OnClosed(Failure);
    }

    private void FlushBatch()
    {
        lock (_gate)
        {
            _isReadingBatch = false;
            if (_isWriting || _filling.WrittenCount == 0)
            {
                return;
            }

            _isWriting = true;
        }

        _ = WriteAllAsync();
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                _writing.ResetWrittenCount();
                if (_filling.WrittenCount == 0)
                {
                    _isWriting = false;
                    return;
                }

                (_filling, _writing) = (_writing, _filling);
            }

            try
            {
                await _stream.WriteAsync(_writing.WrittenMemory, _closing.Token);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The reader sees the break too and reports it; cutting the socket makes sure of that.
                _socket.Dispose();
                return;
            }
        }
    }
}
