using Parley.Protocol.Stun;
using Parley.Testing;
using Parley.WebRtc.Turn;

namespace Parley.Tests.WebRtc.Turn;

public sealed class TurnFramingTests
{
    [Theory]
    [InlineData("00010000", 20, 0)]
    [InlineData("01030008", 28, 0)]
    [InlineData("40000000", 4, 0)]
    [InlineData("40010001", 5, 3)]
    [InlineData("4FFF0004", 8, 0)]
    [InlineData("4000FFFF", 65539, 1)]
    public void A_message_says_its_own_length(string lead, int length, int filling)
    {
        Assert.True(TurnFraming.TryRead(Convert.FromHexString(lead), out var actual, out var behind));
        Assert.Equal((length, filling), (actual, behind));
    }

    [Theory]
    [InlineData("00010001")]
    [InlineData("16030100")]
    [InlineData("80000000")]
    [InlineData("400000")]
    public void What_no_relay_says_is_refused(string lead) => Assert.False(TurnFraming.TryRead(Convert.FromHexString(lead), out _, out _));

    [Fact]
    public void Any_stream_is_cut_into_messages_that_fit_or_refused() => Fuzz.Run(
        8700,
        Fuzz.Count,
        static random => { var lead = new byte[random.Next(8)]; random.NextBytes(lead); return lead; },
        static lead =>
        {
            if (TurnFraming.TryRead(lead, out var length, out var filling))
            {
                Assert.InRange(length, ChannelData.HeaderSize, TurnFraming.MaxBytes);
                Assert.Equal(0, (length + filling) % 4);
            }
        });

    [Theory]
    [InlineData(20, 0)]
    [InlineData(21, 3)]
    [InlineData(23, 1)]
    public void What_we_say_is_filled_up(int length, int filling) => Assert.Equal(filling, TurnFraming.FillingOf(length));
}
