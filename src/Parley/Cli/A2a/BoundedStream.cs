using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Cli.A2a;

/// <summary>Reads a stream up to a limit: a pipe without end must not fill the memory.</summary>
internal sealed class BoundedStream(Stream inner, long maxBytes) : ReadOnlyStream
{
    private long _read;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    private int Count(int read)
    {
        _read += read;
        return _read <= maxBytes
            ? read
            : throw new ParleyException(ErrorCode.MessageTooLarge, "A message is at most 16 MiB here; parley p2p send has no limit.");
    }
}
