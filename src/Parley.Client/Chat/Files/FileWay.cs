using System.Buffers;
using System.IO.Pipelines;
using Parley.Client.Chat.Wire;
using Parley.Protocol.Files;

namespace Parley.Client.Chat.Files;

/// <summary>One way of one file inside a path of a chat: bytes both ways, as many as the reader gave leave for, so that a file never keeps a message waiting.</summary>
internal sealed class FileWay : AsyncStream
{
    /// <summary>Bytes that may be on their way unread; both ends give the other leave for that many at the start.</summary>
    public const int Window = 1 << 20;

    private const int Piece = 32 << 10;
    private readonly Pipe _incoming = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly Lock _gate = new();
    private readonly FileRoute _route;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> _send;
    private readonly Action<FileWay> _closed;
    private TaskCompletionSource _credited = NewSource();
    private IOException? _broken;
    private long _credit = Window;
    private long _unread;
    private int _consumed;

    /// <summary>A way.</summary>
    /// <param name="route">Which, as this end says it.</param>
    /// <param name="send">Puts a frame on the path; waits while it is full, and throws an <see cref="IOException"/> when it broke.</param>
    /// <param name="closed">Told when this end closes it.</param>
    public FileWay(FileRoute route, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> send, Action<FileWay> closed) => (_route, _send, _closed) = (route, send, closed);

    /// <summary>Which way, as this end says it.</summary>
    public FileRoute Route => _route;

    /// <summary>Bytes came.</summary>
    /// <exception cref="Protocol.Errors.ParleyException">More than this end gave leave for.</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_broken is not null)
            {
                return;
            }

            if (_unread + bytes.Length > Window)
            {
                throw ChatFrame.Broken();
            }

            _unread += bytes.Length;
            _incoming.Writer.Write(bytes);
        }

        // Never waits: what is unread is limited by the window.
        _ = _incoming.Writer.FlushAsync(CancellationToken.None).AsTask();
    }

    /// <summary>The other end gives leave for further bytes.</summary>
    public void TakeCredit(int bytes)
    {
        TaskCompletionSource credited;
        lock (_gate)
        {
            _credit = Math.Min(_credit + bytes, Window);
            (credited, _credited) = (_credited, NewSource());
        }

        credited.TrySetResult();
    }

    /// <summary>The way is over: its user reads what is here, and then sees a broken path.</summary>
    public void Break(string reason)
    {
        lock (_gate)
        {
            if (_broken is not null)
            {
                return;
            }

            _broken = new IOException(reason);
            _credited.TrySetResult();
        }

        // What came before is still read; then comes the end.
        _incoming.Writer.Complete();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await _incoming.Reader.ReadAsync(cancellationToken);
        var piece = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        piece.CopyTo(buffer.Span);
        var count = (int)piece.Length;
        _incoming.Reader.AdvanceTo(piece.End);
        var credit = 0;
        lock (_gate)
        {
            _unread -= count;
            _consumed += count;
            if (_consumed >= Window / 2 && _broken is null)
            {
                (credit, _consumed) = (_consumed, 0);
            }
        }

        if (credit > 0)
        {
            await _send(ChatFrame.OfCredit(_route, credit), cancellationToken);
        }

        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var piece = buffer[..await TakeRoomAsync(Math.Min(buffer.Length, Piece), cancellationToken)];
            await _send(ChatFrame.Of(ChatFrameKind.FileBytes, _route, piece.Span), cancellationToken);
            buffer = buffer[piece.Length..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed(this);
            Break("The way of the file was closed.");
        }

        base.Dispose(disposing);
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<int> TakeRoomAsync(int wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task credited;
            lock (_gate)
            {
                if (_broken is not null)
                {
                    throw new IOException(_broken.Message);
                }

                if (_credit > 0)
                {
                    var granted = (int)Math.Min(wanted, _credit);
                    _credit -= granted;
                    return granted;
                }

                credited = _credited.Task;
            }

            await credited.WaitAsync(cancellationToken);
        }
    }
}
