using Parley.Cli.Rooms;
using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Tests.RoomClient;

public sealed class RoomHubOptionsTests
{
    private static readonly SpkiPin _pin = SpkiPin.FromHash(new byte[32]);
    private static readonly HubProfile _joined =
        new(AgentAddress.Parse("o.a"), "hub", new Uri("https://hub.example:1/"), new Uri("https://hub.example:1/"), _pin, false, DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData("https://given:1", "https://env:1", "https://given:1/")]
    [InlineData(null, "https://env:1", "https://env:1/")]
    [InlineData(null, null, "https://hub.example:1/")]
    public void An_option_wins_over_the_environment_and_that_over_the_profile(string? option, string? variable, string expected) =>
        Assert.Equal(expected, RoomHubOptions.Resolve(option, null, false, name => name == "PARLEY_HUB" ? variable : null, () => _joined).Address.ToString());

    [Theory]
    [InlineData("localhost:8443", "https://localhost:8443/")]
    [InlineData("http://localhost:1", "http://localhost:1/")]
    public void The_scripts_variable_means_https_unless_it_says_otherwise(string server, string expected) =>
        Assert.Equal(expected, RoomHubOptions.Resolve(null, null, false, name => name == "A2A_SERVER" ? server : null, () => null).Address.ToString());

    [Fact]
    public void The_joined_hubs_pin_is_used_for_the_joined_hub_alone()
    {
        Assert.Equal(_pin, RoomHubOptions.Resolve("https://hub.example:1", null, false, _ => null, () => _joined).Pin);
        Assert.Null(RoomHubOptions.Resolve("https://other:1", null, false, _ => null, () => _joined).Pin);
    }

    [Fact]
    public void Pins_are_taken_as_curl_writes_them()
    {
        Assert.Equal(_pin, RoomHubOptions.Resolve("https://h:1", RoomHubOptions.CurlPin(_pin), false, _ => null, () => null).Pin);
        Assert.Equal(_pin, RoomHubOptions.Resolve("https://h:1", null, false, name => name == "A2A_PINNEDPUBKEY" ? RoomHubOptions.CurlPin(_pin) : null, () => null).Pin);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("hub", null)]
    [InlineData("https://h:1", "nonsense")]
    [InlineData("https://h:1", "sha256//AAAA")]
    public void What_cannot_be_read_is_a_usage_error(string? hub, string? pin) =>
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => RoomHubOptions.Resolve(hub, pin, false, _ => null, () => null)).Code);
}
