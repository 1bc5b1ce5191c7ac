using Parley.Protocol.Messaging;
using Parley.Hub.Messaging;

namespace Parley.Tests.Messaging;

public sealed class MessageKeyTests
{
    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "aa")]
    [InlineData("01234567890123456789012345678901", "01234567890123456789012345678902")]
    [InlineData("0123456789012345678901234567890123456789", "0123456789012345678901234567890123456780")]
    [InlineData("01234567890123456789012345678901", "012345678901234567890123456789012")]
    public void Different_ids_have_different_keys_and_equal_ones_the_same(string one, string other)
    {
        Assert.NotEqual(MessageKey.Of(one), MessageKey.Of(other));
        Assert.Equal(MessageKey.Of(one), MessageKey.Of(new string(one)));
    }

    [Fact]
    public void A_hashed_id_meets_no_short_one()
    {
        var hashed = MessageKey.Of(new string('x', 33));

        Assert.Equal(0x80u, (byte)hashed.A & 0x80u);
        Assert.Equal(0u, (byte)MessageKey.Of("zzzz").A & 0x80u);
    }
}
