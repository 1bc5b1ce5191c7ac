using System.Buffers.Binary;

namespace Parley.Client.Transfer.Wire;

/// <summary>One frame in a buffer of a pool: whoever has it gives it back with <see cref="Dispose"/>.</summary>
/// <remarks>8 bytes in front of the content, big endian: kind (1) | 0 (3) | length of the content (4).</remarks>
internal sealed class Frame(ChunkBuffers pool, FrameKind kind, byte[] buffer, int length) : IDisposable
{
    /// <summary>Bytes in front of the content.</summary>
    public const int HeaderBytes = 8;

    private byte[]? _buffer = buffer;

    /// <summary>What it is.</summary>
    public FrameKind Kind { get; } = kind;

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, length);

    /// <summary>Writes the 8 bytes in front of a content.</summary>
    public static void WriteHeader(Span<byte> destination, FrameKind kind, int length)
    {
        destination[0] = (byte)kind;
        destination[1..4].Clear();
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } free)
        {
            pool.Return(free);
        }
    }
}
