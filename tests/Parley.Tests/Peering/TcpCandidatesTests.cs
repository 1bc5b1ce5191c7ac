using System.Net;
using Google.Protobuf;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Wire;
using Parley.WebRtc.Udp;

namespace Parley.Tests.Peering;

public sealed class TcpCandidatesTests
{
    [Theory]
    [InlineData("192.0.2.7", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("169.254.1.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fe80::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:224.0.0.1", false)]
    public void Only_addresses_of_one_host_are_dialled(string address, bool isUsable) =>
        Assert.Equal(isUsable, TcpCandidates.ToDial([Candidate(address, 40112)], isSameMachine: true, 16).Count == 1);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public void This_machines_own_addresses_are_dialled_only_when_the_other_end_is_on_it(string address)
    {
        Assert.Empty(TcpCandidates.ToDial([Candidate(address, 22)], isSameMachine: false, 16));
        Assert.Single(TcpCandidates.ToDial([Candidate(address, 22)], isSameMachine: true, 16));
    }

    [Fact]
    public void Each_is_dialled_once_and_no_more_than_the_limit()
    {
        var many = Enumerable.Range(1, 100).Select(number => Candidate("192.0.2.7", number)).Prepend(Candidate("::ffff:192.0.2.7", 1));

        var chosen = TcpCandidates.ToDial(many, isSameMachine: false, 16);

        Assert.Equal(16, chosen.Count);
        Assert.Equal(chosen.Count, chosen.Distinct().Count());
    }

    [Fact]
    public void What_is_no_address_is_passed_over()
    {
        TcpCandidate[] wrong = [new() { Address = ByteString.CopyFrom(1, 2, 3), Port = 1 }, new() { Port = 1 }, Candidate("192.0.2.7", 0), new() { Address = ByteString.CopyFrom(192, 0, 2, 7), Port = 70_000 }];

        Assert.Empty(TcpCandidates.ToDial(wrong, isSameMachine: true, 16));
    }

    [Fact]
    public void This_machine_has_usable_addresses()
    {
        var told = TcpCandidates.OfThisMachine(16);

        Assert.All(told, address => Assert.True(InterfaceAddresses.IsUsable(address, isLoopbackAllowed: true)));
        Assert.Contains(IPAddress.Loopback, told);
    }

    private static TcpCandidate Candidate(string address, int port) => new() { Address = ByteString.CopyFrom(IPAddress.Parse(address).GetAddressBytes()), Port = (uint)port };
}
