using System.Buffers;
using System.IO.Pipelines;
using Parley.Protocol.Files;

namespace Parley.Testing.Peering;

/// <summary>One end of a path in memory that breaks after so many bytes, whichever end sent them; the byte that breaks it may be in the middle of a write.</summary>
/// <remarks>
/// What passed before the break arrives, however late the other end reads: what a test counts must not depend on how fast the machine is. So an end notices
/// the break once it has read all that came; what it writes before that goes nowhere, as into a wire that was cut.
/// </remarks>
public sealed class CuttableStream : AsyncStream
{
    private readonly Way _in;
    private readonly Way _out;
    private readonly Cut _cut;

    private CuttableStream(Way incoming, Way outgoing, Cut cut) => (_in, _out, _cut) = (incoming, outgoing, cut);

    /// <summary>Two ends.</summary>
    /// <param name="bytes">How many bytes pass before it breaks; <see cref="long.MaxValue"/> for never.</param>
    public static (CuttableStream Left, CuttableStream Right) Pair(long bytes)
    {
        var (forward, backward, cut) = (new Way(), new Way(), new Cut(bytes));
        return (new CuttableStream(backward, forward, cut), new CuttableStream(forward, backward, cut));
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
        while (true)
        {
            ThrowIfBroken();
            try
            {
                // What passed is certain to come, cut or not.
                return Take(await _in.Pipe.Reader.ReadAsync(_in.Unread > 0 ? cancellationToken : either.Token), buffer);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Cut while we waited.
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var allowed = _cut.Take(buffer.Length, _out);
        if (allowed > 0)
        {
            _out.Pipe.Writer.Write(buffer.Span[..allowed]);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
            try
            {
                await _out.Pipe.Writer.FlushAsync(CancellationToken.None).AsTask().WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Nobody makes room any more.
            }
        }

        if (allowed < buffer.Length)
        {
            _cut.Now();
        }

        ThrowIfBroken();
    }

    /// <summary>Bytes that passed, both ways.</summary>
    public long Bytes => _cut.Passed;

    /// <summary>Breaks both ends: what is on its way still arrives.</summary>
    public void Break()
    {
        _cut.Close();
        _cut.Now();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // What was written is still read; then comes the end.
            _out.Pipe.Writer.Complete();
        }

        base.Dispose(disposing);
    }

    private int Take(ReadResult result, Memory<byte> buffer)
    {
        var piece = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        piece.CopyTo(buffer.Span);
        var count = (int)piece.Length;
        _in.Pipe.Reader.AdvanceTo(piece.End);
        _in.Read(count);
        return count;
    }

    private void ThrowIfBroken()
    {
        if (_cut.Token.IsCancellationRequested && _in.Unread == 0)
        {
            throw new IOException("The path was cut.");
        }
    }

    /// <summary>One direction, and how much is on it.</summary>
    private sealed class Way
    {
        private long _unread;

        public Pipe Pipe { get; } = new(new PipeOptions(pauseWriterThreshold: 1 << 20, resumeWriterThreshold: 1 << 19, useSynchronizationContext: false));

        public long Unread => Interlocked.Read(ref _unread);

        public void Pass(int bytes) => Interlocked.Add(ref _unread, bytes);

        public void Read(int bytes) => Interlocked.Add(ref _unread, -bytes);
    }

    private sealed class Cut(long bytes) : IDisposable
    {
        private readonly CancellationTokenSource _source = new();
        private long _left = bytes;

        public CancellationToken Token => _source.Token;

        public long Passed { get; private set; }

        public void Dispose() => _source.Dispose();

        // Counted before it is on its way, so that nobody takes the break for all there was.
        public int Take(int count, Way way)
        {
            lock (_source)
            {
                var allowed = (int)Math.Min(count, Math.Max(_left, 0));
                _left -= count;
                Passed += allowed;
                way.Pass(allowed);
                return allowed;
            }
        }

        // Nothing more passes.
        public void Close()
        {
            lock (_source)
            {
                _left = 0;
            }
        }

        public void Now() => _source.Cancel();
    }
}
