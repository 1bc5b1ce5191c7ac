using System.Net;
using Parley.Hub.Transports.Http;
using Parley.Protocol.Formats;

namespace Parley.Tests.Hub;

public sealed class HttpRulesTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("::1", "::1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void Rates_are_counted_by_address_or_by_subscriber_network(string address, string expected) =>
        Assert.Equal(expected, AddressBlock.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("hub.example", true)]
    [InlineData("HUB.example", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]", true)]
    [InlineData("evil.example", false)]
    [InlineData("", false)]
    public void Only_our_host_names_and_literal_addresses_are_served(string host, bool expected) =>
        Assert.Equal(expected, new HostFilter(["hub.example", null]).Allows(host));
}
