using Parley.Client.Config;
using Parley.Client.Peering;
using Parley.Client.Peering.Pins;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Peering;

public sealed class KnownAgentsTests : IDisposable
{
    private const string Hub = "hub";

    private static readonly AgentAddress _bob = new("acme", "bob");
    private static readonly byte[] _key = HandshakeStage.Bytes(32, 1);
    private static readonly byte[] _otherKey = HandshakeStage.Bytes(32, 2);

    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_meeting_is_remembered()
    {
        var known = Open();

        var first = await known.MeetAsync(Hub, _bob, _key, Stop);

        Assert.Equal(PeerTrust.FirstMeeting, first);
        Assert.Equal(PeerTrust.Pinned, await Open().MeetAsync(Hub, _bob, _key, Stop));
    }

    [Fact]
    public async Task A_compared_phrase_is_remembered()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);

        await Open().VerifyAsync(Hub, _bob, _key, Stop);

        Assert.Equal(PeerTrust.Verified, Open().Check(Hub, _bob, _key));
    }

    [Fact]
    public async Task Another_key_under_a_known_name_is_refused_and_changes_nothing()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);

        var refused = await Assert.ThrowsAsync<ParleyException>(() => Open().MeetAsync(Hub, _bob, _otherKey, Stop));
        var notVerified = await Assert.ThrowsAsync<ParleyException>(() => Open().VerifyAsync(Hub, _bob, _otherKey, Stop));

        Assert.Equal((ErrorCode.PeerKeyChanged, 7), (refused.Code, refused.Row.Exit));
        Assert.Contains("parley pins forget acme.bob", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.PeerKeyChanged, notVerified.Code);
        Assert.Equal(PeerTrust.Pinned, Open().Check(Hub, _bob, _key));
    }

    [Fact]
    public async Task A_known_key_under_another_name_is_refused()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);

        var refused = await Assert.ThrowsAsync<ParleyException>(() => Open().MeetAsync(Hub, new AgentAddress("acme", "robert"), _key, Stop));

        Assert.Contains("parley pins forget acme.bob", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_name_at_another_hub_is_another_agent()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);

        Assert.Equal(PeerTrust.FirstMeeting, await Open().MeetAsync("other", _bob, _otherKey, Stop));
    }

    [Fact]
    public async Task Who_is_forgotten_is_met_for_the_first_time_again()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);

        var forgotten = await Open().ForgetAsync(Hub, _bob, Stop);

        Assert.True(forgotten);
        Assert.False(await Open().ForgetAsync(Hub, _bob, Stop));
        Assert.Equal(PeerTrust.FirstMeeting, await Open().MeetAsync(Hub, _bob, _otherKey, Stop));
    }

    [Fact]
    public async Task What_several_processes_learn_at_once_is_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(
            () => Open().MeetAsync(Hub, new AgentAddress("acme", $"agent-{number}"), HandshakeStage.Bytes(32, (byte)(number + 10)), Stop), Stop)));

        Assert.Equal(20, Open().List(Hub).Count);
    }

    [Fact]
    public async Task The_file_is_its_owners_alone()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public async Task A_damaged_file_is_refused_and_not_replaced()
    {
        await Open().MeetAsync(Hub, _bob, _key, Stop);
        var good = await File.ReadAllBytesAsync(FilePath, Stop);

        Fuzz.Run(5, Fuzz.Count / 10, random => Fuzz.Mutate(random, good), changed =>
        {
            try
            {
                KnownAgentsFile.Read(changed);
            }
            catch (ParleyException refused)
            {
                Assert.Equal(ErrorCode.IntegrityFailed, refused.Code);
            }
        });
        await File.WriteAllTextAsync(FilePath, "{}", Stop);

        Assert.Equal(ErrorCode.IntegrityFailed, (await Assert.ThrowsAsync<ParleyException>(() => Open().MeetAsync(Hub, _bob, _key, Stop))).Code);
        Assert.Equal("{}", await File.ReadAllTextAsync(FilePath, Stop));
    }

    public void Dispose() => _folder.Dispose();

    private string FilePath => Path.Combine(_folder.FullPath, "known-agents.json");

    private KnownAgents Open() => new(HomeFolder.Open(_folder.FullPath, _ => null), TimeProvider.System);
}
