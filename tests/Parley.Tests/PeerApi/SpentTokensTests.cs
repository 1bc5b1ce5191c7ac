using Parley.Client.PeerApi.Proofs;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

public sealed class SpentTokensTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();

    private long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Its_file_is_for_its_owner_alone()
    {
        using var spent = SpentTokens.Open(_folder.PathOf("spent"), _clock);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.PathOf("spent")));
    }

    [Fact]
    public void A_peer_that_fills_its_share_takes_nothing_from_others_and_has_room_again_later()
    {
        using var spent = SpentTokens.Open(_folder.PathOf("spent"), _clock);
        for (var number = 0; number < SpentTokens.MaxPerPeer; number++)
        {
            spent.TrySpend("alpha", $"{number}", Now + 60);
        }

        Assert.Equal(SpentOutcome.Full, spent.TrySpend("alpha", "more", Now + 60));
        Assert.Equal(SpentOutcome.New, spent.TrySpend("gamma", "more", Now + 60));
        _clock.Advance(TimeSpan.FromSeconds(71));
        Assert.Equal(SpentOutcome.New, spent.TrySpend("alpha", "more", Now + 60));
    }

    [Fact]
    public void A_line_that_a_crash_cut_short_is_skipped_and_the_rest_counts()
    {
        using (var spent = SpentTokens.Open(_folder.PathOf("spent"), _clock))
        {
            spent.TrySpend("alpha", "one", Now + 60);
        }

        File.AppendAllText(_folder.PathOf("spent"), $"{Now + 60} abc");
        using var again = SpentTokens.Open(_folder.PathOf("spent"), _clock);

        Assert.Equal(SpentOutcome.Replayed, again.TrySpend("alpha", "one", Now + 60));
        Assert.Equal(SpentOutcome.New, again.TrySpend("alpha", "two", Now + 60));
    }

    [Fact]
    public void The_file_does_not_grow_for_ever()
    {
        using var spent = SpentTokens.Open(_folder.PathOf("spent"), _clock);
        for (var number = 0; number < 10_000; number++)
        {
            spent.TrySpend("alpha", $"{number}", Now + 60);
            _clock.Advance(TimeSpan.FromMilliseconds(500));
        }

        Assert.InRange(File.ReadAllLines(_folder.PathOf("spent")).Length, 1, 2_500);
    }
}
