using System.IO.Pipelines;

namespace Parley.Testing.Peering;

/// <summary>One end of a path in memory that breaks after so many bytes, whichever end sent them, or when told to; the byte that breaks it may be in the middle of a write.</summary>
public sealed class CuttableStream : Stream
{
    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;
    private readonly Cut _cut;

    private CuttableStream(PipeReader reader, PipeWriter writer, Cut cut) => (_reader, _writer, _cut) = (reader, writer, cut);

    /// <summary>Two ends.</summary>
    /// <param name="bytes">How many bytes pass before it breaks; <see cref="long.MaxValue"/> for never.</param>
    public static (CuttableStream Left, CuttableStream Right) Pair(long bytes)
    {
        var options = new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false);
        var (forward, backward, cut) = (new Pipe(options), new Pipe(options), new Cut(bytes, new CancellationTokenSource()));
        return (new CuttableStream(backward.Reader, forward.Writer, cut), new CuttableStream(forward.Reader, backward.Writer, cut));
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
        try
        {
            var result = await _reader.ReadAsync(either.Token);
            var piece = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
            var count = (int)piece.Length;
            var at = 0;
            foreach (var segment in piece)
            {
                segment.CopyTo(buffer[at..]);
                at += segment.Length;
            }

            _reader.AdvanceTo(piece.End);
            return count;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The path was cut.");
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var (allowed, isLast) = _cut.Take(buffer.Length);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
        try
        {
            if (allowed > 0)
            {
                await _writer.WriteAsync(buffer[..allowed], either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The path was cut.");
        }

        if (isLast)
        {
            _cut.Now();
            throw new IOException("The path was cut.");
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <summary>Bytes that passed, both ways.</summary>
    public long Bytes => _cut.Passed;

    /// <summary>Breaks both ends.</summary>
    public void Break() => _cut.Now();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // What was written is still read; then comes the end.
            _writer.Complete();
        }

        base.Dispose(disposing);
    }

    // Both ends share the source, and neither outlives the test: nobody disposes of it.
    private sealed class Cut(long bytes, CancellationTokenSource source)
    {
        private long _left = bytes;

        public CancellationToken Token => source.Token;

        public long Passed { get; private set; }

        public (int Allowed, bool IsLast) Take(int count)
        {
            lock (source)
            {
                var allowed = (int)Math.Min(count, Math.Max(_left, 0));
                _left -= count;
                Passed += allowed;
                return (allowed, _left < 0);
            }
        }

        public void Now() => source.Cancel();
    }
}
