using System.Buffers.Binary;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto;

/// <summary>A SHA-256 that can be put down and taken up again by another process; the runtime's own cannot. For content that came in whole blocks of 64 bytes.</summary>
/// <remarks>OpenSSL's <c>SHA256_CTX</c>: h (8 words of 4), count of bits (2 words), block (64), bytes in the block and length of the result (4, 4); in the machine's own byte order.</remarks>
public sealed unsafe class ResumableSha256
{
    /// <summary>Bytes of what <see cref="Save"/> gives.</summary>
    public const int StateBytes = 32;

    /// <summary>Bytes of a hash.</summary>
    public const int HashBytes = 32;

    private const int BlockBytes = 64;
    private const int ContextBytes = 128;

    private readonly byte[] _context = GC.AllocateArray<byte>(ContextBytes, pinned: true);

    /// <summary>Starts at nothing.</summary>
    public ResumableSha256() => LibCrypto.Check(LibCrypto.Sha256Init(Context) == 1, "start a hash");

    /// <summary>Goes on where another one was saved.</summary>
    /// <param name="state">What <see cref="Save"/> gave.</param>
    /// <param name="length">How many bytes that was over; whole blocks.</param>
    public ResumableSha256(ReadOnlySpan<byte> state, long length)
        : this()
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Length, StateBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % BlockBytes, 0);
        var words = new Span<uint>(Context, 10);
        for (var index = 0; index < 8; index++)
        {
            words[index] = BinaryPrimitives.ReadUInt32BigEndian(state[(4 * index)..]);
        }

        var bits = (ulong)length * 8;
        (words[8], words[9]) = ((uint)bits, (uint)(bits >> 32));
    }

    private byte* Context => (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _context[0]);

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            LibCrypto.Check(LibCrypto.Sha256Update(Context, start, (nuint)bytes.Length) == 1, "hash bytes");
        }
    }

    /// <summary>What a later one starts from, when all so far were whole blocks.</summary>
    public byte[] Save()
    {
        var words = new ReadOnlySpan<uint>(Context, 8);
        var state = new byte[StateBytes];
        for (var index = 0; index < 8; index++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(state.AsSpan(4 * index), words[index]);
        }

        return state;
    }

    /// <summary>The hash; nothing may be added after it.</summary>
    public byte[] Finish()
    {
        var hash = new byte[HashBytes];
        fixed (byte* start = hash)
        {
            LibCrypto.Check(LibCrypto.Sha256Final(start, Context) == 1, "finish a hash");
        }

        return hash;
    }
}
