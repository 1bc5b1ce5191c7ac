using Parley.Client.Enrolment;

namespace Parley.Tests.Identity;

public sealed class HostNamesTests
{
    [Theory]
    [InlineData("builder", "builder")]
    [InlineData("Build_Box.example.org", "build-box")]
    [InlineData("-odd-", "odd")]
    [InlineData("hub", "")]
    [InlineData("___", "")]
    [InlineData("", "")]
    public void A_machines_name_becomes_an_agents_or_the_hub_chooses(string host, string expected)
    {
        var name = HostNames.ToAgentName(host);

        Assert.Equal(expected, name);
    }

    [Fact]
    public void A_long_name_is_cut()
    {
        var name = HostNames.ToAgentName(new string('a', 80));

        Assert.Equal(63, name.Length);
    }
}
