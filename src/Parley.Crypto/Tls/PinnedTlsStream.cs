using System.Buffers;
using System.Runtime.CompilerServices;

namespace Parley.Crypto.Tls;

/// <summary>TLS 1.3 with pinned Ed25519 certificates over any stream: .NET's own TLS cannot load such a key.</summary>
/// <remarks>
/// One reader and any number of writers at a time. Asynchronous only: nothing here blocks a thread. The inner stream is owned and goes with this one.
/// The end of the stream is the peer's close_notify; an inner stream that ends without it throws <see cref="TlsFault.Truncated"/>, since somebody may have cut off the rest.
/// A write that is cancelled half way leaves the connection unable to write.
/// </remarks>
public sealed class PinnedTlsStream : Stream
{
    /// <summary>Bytes asked of the inner stream at once: two full records.</summary>
    private const int ReadChunk = 32 * 1024;

    /// <summary>Bytes encrypted before they are handed on: three full records, which fit a pooled array of 64 KiB with what TLS adds.</summary>
    private const int WriteChunk = 48 * 1024;

    /// <summary>How long a peer that does not read may hold up close_notify or an alert.</summary>
    private static readonly TimeSpan _lastWordPatience = TimeSpan.FromSeconds(2);

    private readonly Stream _inner;
    private readonly TlsContext _context;
    private readonly TlsEngine _engine;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private bool _isCutOff;
    private int _isReading;
    private int _isDisposed;

    private PinnedTlsStream(Stream inner, TlsContext context, IReadOnlyList<string>? protocols)
    {
        (_inner, _context) = (inner, context);
        _engine = new TlsEngine(context, protocols);
    }

    /// <summary>The certificate that the peer showed, now or in the session that was resumed; null where none was demanded and none shown.</summary>
    public Ed25519Certificate? PeerCertificate => _engine.PeerCertificate;

    /// <summary>The protocol that both named (ALPN); null = none.</summary>
    public string? Protocol => _engine.Protocol;

    /// <summary>The cipher suite's number in IANA's registry; 0x1302 is AES-256-GCM with SHA-384.</summary>
    public int CipherSuite => _engine.CipherSuite;

    /// <summary>Whether an earlier session was resumed.</summary>
    public bool IsResumed => _engine.IsResumed;

    /// <inheritdoc/>
    public override bool CanRead => _isDisposed == 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => _isDisposed == 0;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Makes the handshake. When it returns, the peer is the pinned one and nothing but the handshake was sent.</summary>
    /// <param name="inner">The connection; owned from now on, and closed when the handshake fails.</param>
    /// <param name="context">Which end, which identity, which pins.</param>
    /// <param name="protocols">What a client offers by ALPN; null = what its context says.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TlsException">The handshake failed; the fault says why. The peer was told.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public static async Task<PinnedTlsStream> AuthenticateAsync(
        Stream inner, TlsContext context, IReadOnlyList<string>? protocols = null, CancellationToken cancellationToken = default)
    {
        PinnedTlsStream? stream = null;
        try
        {
            stream = new PinnedTlsStream(inner, context, protocols);
            await stream.HandshakeAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await (stream ?? inner).DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("Another read is under way.");
        }

        try
        {
            while (true)
            {
                var count = 0;

                // HTTP clients wait on an empty buffer until data is there, and do not want it yet.
                var read = buffer.IsEmpty ? _engine.Look() : _engine.Read(buffer.Span, out count);
                if (_engine.OutputLength > 0)
                {
                    await SendLeftoversAsync(cancellationToken);
                }

                if (read != TlsRead.NeedsInput)
                {
                    return count;
                }

                if (!await FillAsync(cancellationToken))
                {
                    throw new TlsException(TlsFault.Truncated, "The connection ended without TLS's goodbye: what was received may not be all that was sent.");
                }
            }
        }
        catch (TlsException)
        {
            await SendLastWordAsync();
            throw;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            while (!buffer.IsEmpty)
            {
                var part = buffer[..Math.Min(WriteChunk, buffer.Length)];
                CheckWritable();
                _engine.Write(part.Span);
                await SendOutputAsync(cancellationToken);
                buffer = buffer[part.Length..];
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    /// <summary>Nothing is held back, so nothing is flushed.</summary>
    public override void Flush()
    {
    }

    /// <summary>Says close_notify: the peer reads the end of the stream, and may still write. Writing afterwards is refused.</summary>
    public async Task ShutdownAsync(CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (!_isCutOff && _engine.Shutdown())
            {
                await SendOutputAsync(cancellationToken);
                _isCutOff = true;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Changes the keys of both directions.</summary>
    internal async Task UpdateKeysAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            CheckWritable();
            _engine.UpdateKeys();
            await SendOutputAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Not supported: reading would block a thread.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw AsynchronousOnly();

    /// <summary>Not supported: writing would block a thread.</summary>
    public override void Write(byte[] buffer, int offset, int count) => throw AsynchronousOnly();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Says close_notify, if that was not done and the peer takes it within 2 s, and closes the inner stream.</summary>
    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
    }

    /// <summary>As <see cref="DisposeAsync"/>, without waiting for it.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ = CloseAsync();
        }

        base.Dispose(disposing);
    }

    private static NotSupportedException AsynchronousOnly() => new("This stream is read and written asynchronously only.");

    private async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        try
        {
            _engine.Shutdown();
            await SendLastWordAsync();
        }
        finally
        {
            _engine.Dispose();
            await _inner.DisposeAsync();
        }
    }

    private async Task HandshakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var isDone = _engine.Handshake();
            if (_engine.OutputLength > 0)
            {
                await SendOutputAsync(cancellationToken);
            }

            if (isDone)
            {
                return;
            }

            if (!await FillAsync(cancellationToken))
            {
                throw new TlsException(
                    TlsFault.HandshakeCutOff, "The peer closed the connection during the TLS handshake: it may not speak TLS 1.3 on this port, or may not take our certificate.");
            }
        }
    }

    /// <returns>False at the end of the inner stream.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        // First for nothing: a stream that can wait without a buffer does, and an idle connection holds none.
        _ = await _inner.ReadAsync(Memory<byte>.Empty, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadChunk);
        try
        {
            var count = await _inner.ReadAsync(buffer.AsMemory(0, ReadChunk), cancellationToken);
            if (count > 0)
            {
                _engine.Feed(buffer.AsSpan(0, count));
            }

            return count > 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Reading may make something to say (new keys). A writer that is under way takes it along with what it says next; the protocol allows that.
    private async ValueTask SendLeftoversAsync(CancellationToken cancellationToken)
    {
        if (!_writing.Wait(0, CancellationToken.None))
        {
            return;
        }

        try
        {
            if (!_isCutOff)
            {
                await SendOutputAsync(cancellationToken);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>An alert or close_notify: worth two seconds, and no reason to fail.</summary>
    private async Task SendLastWordAsync()
    {
        if (_engine.OutputLength == 0 || !_writing.Wait(0, CancellationToken.None))
        {
            return;
        }

        try
        {
            using var limit = new CancellationTokenSource(_lastWordPatience, _context.TimeProvider);
            if (!_isCutOff)
            {
                await SendOutputAsync(limit.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer is gone, or does not listen.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends all output. The caller holds the gate, so that bytes go out in the order in which they were made.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendOutputAsync(CancellationToken cancellationToken)
    {
        for (int length; (length = _engine.OutputLength) > 0;)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(length, 64 * 1024));
            try
            {
                var count = _engine.Take(buffer);

                // Half a record is worse than none: until all of it is written, nothing more can be.
                _isCutOff = true;
                await _inner.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                _isCutOff = false;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (_isCutOff)
        {
            throw new TlsException(TlsFault.Broken, "Nothing more can be written to this connection: it was shut down, or a write was broken off.");
        }
    }
}
