using System.Numerics;

namespace Parley.WebRtc.Sctp;

/// <summary>Byte arrays of one association for reuse, by powers of two; single-threaded like its owner.</summary>
/// <param name="maxRetained">Bytes kept for later; what comes back beyond is left to the garbage collector.</param>
internal sealed class BufferPool(int maxRetained)
{
    private const int SmallestBits = 7;
    private const int LargestBits = 20;

    private readonly Stack<byte[]>[] _free = [.. Enumerable.Range(SmallestBits, LargestBits - SmallestBits + 1).Select(_ => new Stack<byte[]>())];
    private int _retained;

    /// <summary>An array of at least so many bytes, with anything in it.</summary>
    public byte[] Rent(int length)
    {
        var bits = Math.Max(SmallestBits, BitOperations.Log2((uint)Math.Max(1, length - 1)) + 1);
        if (bits > LargestBits)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        if (_free[bits - SmallestBits].TryPop(out var array))
        {
            _retained -= array.Length;
            return array;
        }

        return GC.AllocateUninitializedArray<byte>(1 << bits);
    }

    /// <summary>Takes an array back; nobody may hold on to it.</summary>
    public void Return(byte[] array)
    {
        var bits = BitOperations.Log2((uint)array.Length);
        if (bits <= LargestBits && array.Length == 1 << bits && _retained + array.Length <= maxRetained)
        {
            _retained += array.Length;
            _free[bits - SmallestBits].Push(array);
        }
    }
}
