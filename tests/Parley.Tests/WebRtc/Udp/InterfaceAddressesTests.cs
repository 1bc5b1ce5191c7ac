using System.Net;
using Parley.WebRtc.Udp;

namespace Parley.Tests.WebRtc.Udp;

public sealed class InterfaceAddressesTests
{
    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("169.254.1.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    public void Addresses_that_mean_another_host_elsewhere_get_no_socket(string address, bool isChosen) =>
        Assert.Equal(isChosen, InterfaceAddresses.Choose([On(address)], isLoopbackAllowed: false, 16).Count == 1);

    [Fact]
    public void Loopback_comes_last_and_keeps_its_place_when_there_is_little_room()
    {
        var present = new[] { On("127.0.0.1"), On("::1") }.Concat(Enumerable.Range(1, 20).Select(number => On($"10.0.0.{number}"))).ToList();

        var chosen = InterfaceAddresses.Choose(present, isLoopbackAllowed: true, 6);

        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "127.0.0.1", "::1"], chosen.Select(address => address.ToString()));
    }

    [Fact]
    public void A_networks_temporary_address_stands_for_its_others()
    {
        InterfaceAddress[] present =
        [
            On("2001:db8:0:1::aaaa"), On("2001:db8:0:1::bbbb", isTemporary: true), On("2001:db8:0:1::cccc", isTemporary: true, isDeprecated: true), On("2001:db8:0:2::dddd"), On("fd00::1"),
        ];

        var chosen = InterfaceAddresses.Choose(present, isLoopbackAllowed: false, 16);

        Assert.Equal(["2001:db8:0:1::bbbb", "2001:db8:0:2::dddd", "fd00::1"], chosen.Select(address => address.ToString()));
    }

    [Fact]
    public void Both_versions_get_their_share_of_the_room()
    {
        var present = Enumerable.Range(1, 20).SelectMany(number => new[] { On($"2001:db8:{number}::1"), On($"10.0.0.{number}") }).ToList();

        var chosen = InterfaceAddresses.Choose(present, isLoopbackAllowed: false, 16);

        Assert.Equal((8, 8), (chosen.Count(address => address.ToString().Contains(':', StringComparison.Ordinal)), chosen.Count(address => address.ToString().Contains('.', StringComparison.Ordinal))));
    }

    [Fact]
    public void The_kernels_list_tells_flags_and_nonsense_in_it_is_read_over()
    {
        const string Text = "fd000000000000000000000000000002 04 40 00 82     eth0\nzz000000000000000000000000000002 04 40 00 82 eth0\n\nfd000000000000000000000000000003 04 40 00 01     eth0\nshort\n";

        var flags = InterfaceAddresses.ReadFlags(Text);

        Assert.Equal([(IPAddress.Parse("fd00::2"), 0x82), (IPAddress.Parse("fd00::3"), 0x01)], flags.Select(pair => (pair.Key, pair.Value)));
    }

    private static InterfaceAddress On(string address, bool isTemporary = false, bool isDeprecated = false) => new(IPAddress.Parse(address), "eth0", isTemporary, isDeprecated);
}
