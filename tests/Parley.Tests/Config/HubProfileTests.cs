using System.Text;
using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Config;

public sealed class HubProfileTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly HomeFolder _home;

    public HubProfileTests() => _home = HomeFolder.Open(_temp.PathOf("home"), _ => null);

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_profile_is_read_back(bool isPinned, bool allowInsecure)
    {
        var profile = Profile() with { Pin = isPinned ? SpkiPin.FromHash(new byte[32]) : null, AllowInsecure = allowInsecure };

        profile.Save(_home);

        Assert.Equal(profile, HubProfile.Load(_home));
    }

    [Fact]
    public void A_home_without_profile_is_told_to_join()
    {
        var refusal = Assert.Throws<ParleyException>(() => HubProfile.Load(_home));

        Assert.Equal(ErrorCode.NotJoined, refusal.Code);
        Assert.Contains("parley join", refusal.Message, StringComparison.Ordinal);
        Assert.Null(HubProfile.TryLoad(_home));
    }

    [Fact]
    public void A_damaged_profile_is_a_refusal_and_never_a_crash()
    {
        const int Seed = 31;
        var random = new Random(Seed);
        Profile().Save(_home);
        var good = _home.ReadSecret("profile.json")!;

        for (var round = 0; round < 10_000; round++)
        {
            var damaged = good.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            damaged = damaged[..random.Next(damaged.Length + 1)];
            var failure = Record.Exception(() => HubProfile.Read(damaged));

            Assert.True(failure is null or ParleyException { Code: ErrorCode.FileDamaged }, $"seed {Seed}, round {round}: {failure}");
        }
    }

    [Fact]
    public void A_damaged_pin_is_not_taken_for_no_pin()
    {
        Profile().Save(_home);
        var json = Encoding.UTF8.GetString(_home.ReadSecret("profile.json")!);
        _home.WriteSecret("profile.json", Encoding.UTF8.GetBytes(json.Replace("\"pin\":\"", "\"pin\":\"x", StringComparison.Ordinal)));

        var refusal = Assert.Throws<ParleyException>(() => HubProfile.Load(_home));

        Assert.Equal(ErrorCode.FileDamaged, refusal.Code);
    }

    private static HubProfile Profile() => new(
        new AgentAddress("acme", "agent-b"),
        "hub-aaaaaaaaaaaaaaaa",
        new Uri("https://hub.example:7420"),
        new Uri("https://hub.example:7420"),
        SpkiPin.FromHash(new byte[32]),
        AllowInsecure: false,
        DateTimeOffset.FromUnixTimeSeconds(1_767_225_600));
}
