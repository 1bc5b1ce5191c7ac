using Parley.Protocol.Messaging;

namespace Parley.Tests.Messaging;

public sealed class BufferedRandomTests
{
    [Fact]
    public void No_byte_is_handed_out_twice()
    {
        long counter = 0;
        var random = new BufferedRandom(bytes =>
        {
            for (var at = 0; at + 8 <= bytes.Length; at += 8)
            {
                BitConverter.TryWriteBytes(bytes[at..], counter++);
            }
        });
        var seen = new HashSet<long>();
        var bytes = new byte[16];

        for (var round = 0; round < 2000; round++)
        {
            random.Fill(bytes);
            Assert.True(seen.Add(BitConverter.ToInt64(bytes, 0)));
            Assert.True(seen.Add(BitConverter.ToInt64(bytes, 8)));
        }
    }

    [Fact]
    public void More_than_the_buffer_comes_straight_from_the_source()
    {
        var asked = 0;
        var random = new BufferedRandom(bytes => asked = bytes.Length);

        random.Fill(new byte[5000]);

        Assert.Equal(5000, asked);
    }
}
