using System.Net;
using Parley.Hub.Outbound;
using Parley.Protocol.Errors;

namespace Parley.Tests.Outbound;

public sealed class AddressPolicyTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("93.184.216.34")]
    [InlineData("100.63.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946")]
    [InlineData("::ffff:93.184.216.34")]
    [InlineData("64:ff9b::93.184.216.34")]
    [InlineData("2002:5db8:d822::1")]
    public void A_public_address_is_called(string address) => Assert.True(Closed().IsAllowed("host.example", IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", nameof(AddressKind.Loopback))]
    [InlineData("127.255.255.254", nameof(AddressKind.Loopback))]
    [InlineData("::1", nameof(AddressKind.Loopback))]
    [InlineData("10.0.0.1", nameof(AddressKind.Private))]
    [InlineData("172.16.0.1", nameof(AddressKind.Private))]
    [InlineData("172.31.255.255", nameof(AddressKind.Private))]
    [InlineData("192.168.1.1", nameof(AddressKind.Private))]
    [InlineData("fc00::1", nameof(AddressKind.Private))]
    [InlineData("fdff:ffff::1", nameof(AddressKind.Private))]
    [InlineData("fec0::1", nameof(AddressKind.Private))]
    [InlineData("100.64.0.1", nameof(AddressKind.SharedNat))]
    [InlineData("100.127.255.255", nameof(AddressKind.SharedNat))]
    [InlineData("169.254.1.1", nameof(AddressKind.LinkLocal))]
    [InlineData("fe80::1", nameof(AddressKind.LinkLocal))]
    [InlineData("fe80::1%2", nameof(AddressKind.LinkLocal))]
    [InlineData("0.0.0.0", nameof(AddressKind.Unspecified))]
    [InlineData("0.1.2.3", nameof(AddressKind.Unspecified))]
    [InlineData("::", nameof(AddressKind.Unspecified))]
    [InlineData("224.0.0.1", nameof(AddressKind.Multicast))]
    [InlineData("255.255.255.255", nameof(AddressKind.Multicast))]
    [InlineData("ff02::1", nameof(AddressKind.Multicast))]
    [InlineData("192.0.2.1", nameof(AddressKind.Documentation))]
    [InlineData("198.51.100.7", nameof(AddressKind.Documentation))]
    [InlineData("203.0.113.7", nameof(AddressKind.Documentation))]
    [InlineData("2001:db8::1", nameof(AddressKind.Documentation))]
    [InlineData("3fff::1", nameof(AddressKind.Documentation))]
    [InlineData("192.0.0.8", nameof(AddressKind.Reserved))]
    [InlineData("198.18.0.1", nameof(AddressKind.Reserved))]
    [InlineData("240.0.0.1", nameof(AddressKind.Reserved))]
    [InlineData("100::1", nameof(AddressKind.Reserved))]
    [InlineData("5f00::1", nameof(AddressKind.Reserved))]
    [InlineData("2001:2::1", nameof(AddressKind.Reserved))]
    public void Any_other_is_refused_by_its_kind(string address, string kind)
    {
        var ip = IPAddress.Parse(address);

        Assert.Equal(kind, AddressPolicy.KindOf(ip).ToString());
        Assert.Equal(ErrorCode.OutboundRefused, Assert.Throws<ParleyException>(() => Closed().Check("host.example", ip)).Code);
    }

    [Theory]
    [InlineData("::ffff:127.0.0.1", nameof(AddressKind.Loopback))]
    [InlineData("::127.0.0.1", nameof(AddressKind.Loopback))]
    [InlineData("::ffff:0:127.0.0.1", nameof(AddressKind.Loopback))]
    [InlineData("64:ff9b::10.0.0.1", nameof(AddressKind.Private))]
    [InlineData("64:ff9b::169.254.169.254", nameof(AddressKind.Metadata))]
    [InlineData("64:ff9b:1::10.0.0.1", nameof(AddressKind.Private))]
    [InlineData("64:ff9b:1::8.8.8.8", nameof(AddressKind.Private))]
    [InlineData("64:ff9b:1::169.254.169.254", nameof(AddressKind.Metadata))]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::", nameof(AddressKind.Metadata))]
    [InlineData("2002:7f00:1::1", nameof(AddressKind.Loopback))]
    [InlineData("2002:a9fe:a9fe::1", nameof(AddressKind.Metadata))]
    [InlineData("2001:0:7f00:1::", nameof(AddressKind.Loopback))]
    [InlineData("2001:0:808:808:0:0:80ff:fffe", nameof(AddressKind.Loopback))]
    [InlineData("2001:0:808:808::5601:5601", nameof(AddressKind.Metadata))]
    [InlineData("2606:4700::5efe:10.0.0.1", nameof(AddressKind.Private))]
    [InlineData("2606:4700::200:5efe:127.0.0.1", nameof(AddressKind.Loopback))]
    public void An_address_inside_another_decides(string address, string kind)
    {
        var ip = IPAddress.Parse(address);

        Assert.Equal(kind, AddressPolicy.KindOf(ip).ToString());
        Assert.False(Closed().IsAllowed("host.example", ip));
    }

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("100.100.100.200")]
    [InlineData("192.0.0.192")]
    [InlineData("168.63.129.16")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fd20:ce::254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::6464:64c8")]
    [InlineData("0.0.0.0")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public void Metadata_and_what_is_no_machine_is_refused_even_when_opened(string address)
    {
        var ip = IPAddress.Parse(address);
        var open = Open("host.example", "0.0.0.0/0", "::/0", address);

        Assert.False(open.IsAllowed("host.example", ip));
        Assert.False(open.IsAllowed(address, ip));
    }

    [Theory]
    [InlineData("127.0.0.0/8", "127.0.0.1")]
    [InlineData("127.0.0.0/8", "::ffff:127.0.0.1")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("::1", "::1")]
    [InlineData("fd12:3456::/32", "fd12:3456::9")]
    [InlineData("fe80::/10", "fe80::1%2")]
    [InlineData("100.64.0.0/10", "100.64.0.1")]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1::8.8.8.8")]
    public void A_network_that_was_opened_is_called(string entry, string address) =>
        Assert.True(Open(entry).IsAllowed("host.example", IPAddress.Parse(address)));

    [Fact]
    public void A_host_that_was_opened_may_be_anywhere_near_and_no_other_host_with_it()
    {
        var open = Open("Build.Corp.Example");

        Assert.True(open.IsAllowed("build.corp.example.", IPAddress.Parse("10.0.0.1")));
        Assert.False(open.IsAllowed("other.corp.example", IPAddress.Parse("10.0.0.1")));
    }

    [Fact]
    public void A_neighbour_of_an_opened_network_stays_closed() =>
        Assert.False(Open("10.1.0.0/16").IsAllowed("host.example", IPAddress.Parse("10.2.0.1")));

    [Fact]
    public void The_refusal_tells_the_operator_what_to_do_and_not_the_address()
    {
        var refusal = Assert.Throws<ParleyException>(() => Closed().Check("host.example", IPAddress.Parse("10.11.12.13")));

        Assert.Contains("--allow-outbound HOST|CIDR", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.11", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("http://host")]
    [InlineData("host:80")]
    [InlineData("*")]
    public void What_is_no_entry_is_a_usage_error(string entry) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => Open(entry)).Code);

    private static AddressPolicy Closed() => new(OutboundAllowList.None);

    private static AddressPolicy Open(params string[] entries) => new(OutboundAllowList.Parse(entries));
}
