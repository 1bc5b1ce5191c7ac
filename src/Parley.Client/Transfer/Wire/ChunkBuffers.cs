using System.Buffers;
using System.Collections.Concurrent;

namespace Parley.Client.Transfer.Wire;

/// <summary>Buffers of exactly one chunk and its frame, used over and over; smaller ones come from the shared pool. A transfer's memory is what is in here at once.</summary>
/// <param name="chunkBytes">Bytes of a chunk.</param>
internal sealed class ChunkBuffers(int chunkBytes)
{
    private const int Kept = 24;
    private readonly ConcurrentBag<byte[]> _free = [];

    /// <summary>Bytes of a large buffer: a chunk and what stands in front of it, and room for every other frame.</summary>
    public int LargeBytes { get; } = Math.Max(chunkBytes, ManifestFrames.MaxPageBytes) + ChunkFrame.MaxHeaderBytes;

    /// <summary>A buffer of at least that many bytes.</summary>
    public byte[] Rent(int bytes) =>
        bytes <= LargeBytes / 4 || bytes > LargeBytes ? ArrayPool<byte>.Shared.Rent(bytes) : _free.TryTake(out var buffer) ? buffer : GC.AllocateUninitializedArray<byte>(LargeBytes);

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length != LargeBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        else if (_free.Count < Kept)
        {
            _free.Add(buffer);
        }
    }
}
