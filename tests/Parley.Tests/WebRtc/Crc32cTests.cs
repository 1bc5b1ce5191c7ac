using Parley.WebRtc.Sctp.Wire;

namespace Parley.Tests.WebRtc;

public sealed class Crc32cTests
{
    // RFC 3720, appendix B.4, whose bytes are the sums in little endian.
    public static TheoryData<byte[], uint> Vectors() => new()
    {
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(number => (byte)number)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(number => (byte)(31 - number))], 0x113FDB5C },
        { "123456789"u8.ToArray(), 0xE3069283 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Known_bytes_have_their_known_sum(byte[] bytes, uint sum) => Assert.Equal(sum, Crc32c.Of(bytes));

    [Fact]
    public void Long_bytes_summed_in_lanes_have_the_sum_of_the_plain_algorithm()
    {
        var random = new Random(5);

        for (var length = 0; length < 4000; length += random.Next(1, 40))
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.Equal(Plain(bytes), Crc32c.Of(bytes));
        }
    }

    [Fact]
    public void The_sum_of_a_packet_takes_its_own_field_as_zero()
    {
        var packet = new byte[1160];
        new Random(6).NextBytes(packet);
        var zeroed = (byte[])packet.Clone();
        zeroed.AsSpan(8, 4).Clear();

        Assert.Equal(Crc32c.Of(zeroed), Crc32c.OfPacket(packet));
    }

    private static uint Plain(byte[] bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * 0x82F63B78);
            }
        }

        return ~sum;
    }
}
