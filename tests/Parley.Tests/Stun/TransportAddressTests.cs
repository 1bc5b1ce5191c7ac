using Parley.Protocol.Stun;

namespace Parley.Tests.Stun;

public sealed class TransportAddressTests
{
    [Theory]
    [InlineData("127.9.0.1:1", true, false, false)]
    [InlineData("[::1]:1", true, false, false)]
    [InlineData("169.254.3.4:1", false, true, false)]
    [InlineData("[fe80::1]:1", false, true, false)]
    [InlineData("[febf::1]:1", false, true, false)]
    [InlineData("[fec0::1]:1", false, false, false)]
    [InlineData("10.1.2.3:1", false, false, true)]
    [InlineData("172.31.2.3:1", false, false, true)]
    [InlineData("172.32.2.3:1", false, false, false)]
    [InlineData("100.127.2.3:1", false, false, true)]
    [InlineData("[fd00::1]:1", false, false, true)]
    [InlineData("[2001:db8::1]:1", false, false, false)]
    public void Kinds_of_addresses_are_told_apart(string text, bool isLoopback, bool isLinkLocal, bool isPrivate)
    {
        var address = TransportAddress.Parse(text);

        Assert.Equal((isLoopback, isLinkLocal, isPrivate), (address.IsLoopback, address.IsLinkLocal, address.IsPrivate));
    }

    [Fact]
    public void An_IPv4_address_inside_IPv6_is_the_IPv4_address()
    {
        var address = TransportAddress.Parse("[::ffff:192.0.2.7]:9");

        Assert.Equal(TransportAddress.Parse("192.0.2.7:9"), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.org:1")]
    [InlineData("2001:db8::1")]
    [InlineData("1.2.3.4:99999")]
    public void Other_text_is_none(string text) => Assert.False(TransportAddress.TryParse(text, out _));
}
