using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Parley.WebRtc.Sctp.Wire;

/// <summary>CRC-32C (Castagnoli), the checksum of SCTP packets (RFC 9260, appendix A), by the processor's own instruction where it has one.</summary>
/// <remarks>
/// The instruction takes eight bytes and answers three cycles later, so three stretches of a long packet are summed side by side. They are joined by four table
/// look-ups each: what a sum becomes when a fixed number of zero bytes follows it.
/// </remarks>
internal static class Crc32c
{
    private const int Lane = 320;
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] _afterOneLane = AfterZeroes(Lane);
    private static readonly uint[] _afterTwoLanes = AfterZeroes(2 * Lane);

    /// <summary>The checksum of any bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> data) => ~Continue(uint.MaxValue, data);

    /// <summary>The checksum of an SCTP packet, its own field (bytes 8 to 11) counted as zero.</summary>
    public static uint OfPacket(ReadOnlySpan<byte> packet)
    {
        var sum = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt64LittleEndian(packet));
        return ~Continue(BitOperations.Crc32C(sum, 0u), packet[12..]);
    }

    private static uint Continue(uint sum, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 3 * Lane)
        {
            sum = ThreeLanes(sum, MemoryMarshal.Cast<byte, ulong>(data[..(3 * Lane)]));
            data = data[(3 * Lane)..];
        }

        foreach (var word in MemoryMarshal.Cast<byte, ulong>(data))
        {
            sum = BitOperations.Crc32C(sum, LittleEndian(word));
        }

        foreach (var one in data[(data.Length & ~7)..])
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return sum;
    }

    private static uint ThreeLanes(uint sum, ReadOnlySpan<ulong> words)
    {
        const int Words = Lane / sizeof(ulong);
        var first = words[..Words];
        var second = words.Slice(Words, Words);
        var third = words.Slice(2 * Words, Words);
        var (a, b, c) = (sum, 0u, 0u);
        for (var i = 0; i < first.Length; i++)
        {
            a = BitOperations.Crc32C(a, LittleEndian(first[i]));
            b = BitOperations.Crc32C(b, LittleEndian(second[i]));
            c = BitOperations.Crc32C(c, LittleEndian(third[i]));
        }

        return Shift(_afterTwoLanes, a) ^ Shift(_afterOneLane, b) ^ c;
    }

    private static ulong LittleEndian(ulong word) => BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);

    private static uint Shift(uint[] table, uint sum) =>
        table[sum & 0xFF] ^ table[256 + ((sum >> 8) & 0xFF)] ^ table[512 + ((sum >> 16) & 0xFF)] ^ table[768 + (sum >> 24)];

    // The sum is linear over its bits: what each of the 32 becomes gives the answer for every value of each byte.
    private static uint[] AfterZeroes(int count)
    {
        var table = new uint[4 * 256];
        for (var bit = 0; bit < 32; bit++)
        {
            var after = 1u << bit;
            for (var step = 0; step < count * 8; step++)
            {
                after = (after >> 1) ^ ((after & 1) * Polynomial);
            }

            var (group, mask) = (bit / 8 * 256, 1 << (bit % 8));
            for (var value = 0; value < 256; value++)
            {
                table[group + value] ^= (value & mask) == 0 ? 0 : after;
            }
        }

        return table;
    }
}
