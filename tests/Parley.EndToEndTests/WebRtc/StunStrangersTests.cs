using System.Text.RegularExpressions;
using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.WebRtc.Ice;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>coturn asks our server, and serves our agents.</summary>
public sealed partial class StunStrangersTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Coturns_client_learns_its_address_from_the_hub()
    {
        var program = Requires.Program("turnutils_stunclient");
        var port = LoopbackPorts.Take();
        await using var hub = await HubProcess.StartAsync("--stun-port", $"{port}");

        var outcome = await RealProcess.RunAsync(program, ["-p", $"{port}", "127.0.0.1"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Matches(ReflexiveAddress(), outcome.Output + outcome.Error);
    }

    [Fact]
    public async Task An_agent_learns_its_address_from_coturn()
    {
        await using var coturn = await CoturnServer.StartAsync();
        await using var host = new UdpIceHost(new IceOptions { StunServers = [coturn.Address], IsLoopbackAllowed = true }, IceRole.Controlling);

        host.Start();
        await Deadline.UntilAsync(() => host.Report().Servers is [{ Mapped.IsNone: false }], "an answer of coturn", _limit);

        Assert.Equal(host.Local, host.Report().Servers[0].Mapped);
        Assert.Equal(NatMapping.None, host.Report().Mapping);
    }

    [Fact]
    public async Task Agents_talk_through_coturn_when_they_tell_relayed_addresses_alone()
    {
        await using var coturn = await CoturnServer.StartAsync();
        var options = new IceOptions { TurnServers = [coturn.Relay], IsLoopbackAllowed = true, IsRelayOnly = true };
        await using var left = new UdpIceHost(options, IceRole.Controlling);
        await using var right = new UdpIceHost(options, IceRole.Controlled);

        UdpIceHost.Introduce(left, right);
        await Deadline.UntilAsync(() => left.Route() is not null && right.Route() is not null, () => $"a path: {string.Join('\n', left.Report().Pairs)} {string.Join('\n', left.Report().Servers)}");
        var sent = Enumerable.Range(0, 50).Select(number => new byte[] { 0x20, (byte)number }).ToArray();
        foreach (var one in sent)
        {
            left.Send(one);
        }

        await Deadline.UntilAsync(() => right.Data().Length == sent.Length, "all that was sent", _limit);
        Assert.True(left.Route()!.IsWrapped);
        Assert.Equal(sent, right.Data());
    }

    [Fact]
    public async Task Agents_on_one_machine_find_the_direct_path_beside_a_relay()
    {
        await using var coturn = await CoturnServer.StartAsync();
        var options = new IceOptions { StunServers = [coturn.Address], TurnServers = [coturn.Relay], IsLoopbackAllowed = true };
        await using var left = new UdpIceHost(options, IceRole.Controlling);
        await using var right = new UdpIceHost(options, IceRole.Controlled);

        UdpIceHost.Introduce(left, right);
        await Deadline.UntilAsync(() => left.Route() is not null && right.Route() is not null, "a path", _limit);

        Assert.Equal(right.Local, left.Route()!.Remote);
    }

    [Fact]
    public async Task A_wrong_password_is_coturns_refusal()
    {
        await using var coturn = await CoturnServer.StartAsync();
        await using var host = new UdpIceHost(new IceOptions { TurnServers = [coturn.Relay with { Password = "wrong" }], IsLoopbackAllowed = true }, IceRole.Controlling);

        host.Start();
        await Deadline.UntilAsync(() => host.Report().Servers[0].Failure is not null, "a refusal", _limit);

        Assert.Contains("401", host.Report().Servers[0].Failure, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"reflexive addr: 127\.0\.0\.1:\d+")]
    private static partial Regex ReflexiveAddress();
}
