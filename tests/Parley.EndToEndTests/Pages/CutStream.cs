using System.Net.Sockets;
using Parley.Protocol.Files;

namespace Parley.EndToEndTests.Pages;

/// <summary>A connection that is reset after so many bytes, whichever end sent them.</summary>
internal sealed class CutStream(Socket socket, long bytes) : AsyncStream
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private long _left = bytes;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _stream.ReadAsync(buffer, cancellationToken);
        Pass(count);
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Pass(buffer.Length);
        await _stream.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Pass(int count)
    {
        if (Interlocked.Add(ref _left, -count) < 0)
        {
            // A reset: what was written and not read is gone too.
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
            throw new IOException("The path was cut.");
        }
    }
}
