using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Serving;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

public sealed class PeerRatesTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly PeerRates _rates;

    public PeerRatesTests() => _rates = new PeerRates(_clock);

    [Fact]
    public void A6_the_31st_question_of_an_hour_waits_an_hour_and_others_do_not()
    {
        Ask("alpha", 30);

        var refusal = Assert.Throws<ParleyException>(() => Ask("alpha", 1));

        Assert.Equal((ErrorCode.RateLimited, TimeSpan.FromHours(1)), (refusal.Code, refusal.RetryAfter));
        Ask("gamma", 1);
        _clock.Advance(TimeSpan.FromHours(1));
        Ask("alpha", 1);
    }

    [Fact]
    public void A6_the_101st_question_of_a_day_waits()
    {
        for (var hour = 0; hour < 4; hour++)
        {
            Ask("alpha", 25);
            _clock.Advance(TimeSpan.FromHours(2));
        }

        var refusal = Assert.Throws<ParleyException>(() => Ask("alpha", 1));

        Assert.Equal(TimeSpan.FromHours(16), refusal.RetryAfter);
    }

    [Fact]
    public void W13_a_restart_does_not_begin_anew()
    {
        using var folder = new TempFolder();
        var path = folder.PathOf("rates");
        using (var before = new PeerRates(_clock, path))
        {
            for (var number = 0; number < 30; number++)
            {
                before.Enter(Peer("alpha", PeerRate.Abtars)).Dispose();
            }
        }

        using var after = new PeerRates(_clock, path);

        Assert.Throws<ParleyException>(() => after.Enter(Peer("alpha", PeerRate.Abtars)));
        after.Enter(Peer("gamma", PeerRate.Abtars)).Dispose();
        _clock.Advance(TimeSpan.FromHours(1));
        after.Enter(Peer("alpha", PeerRate.Abtars)).Dispose();
    }

    [Fact]
    public void Only_so_many_questions_are_open_at_once()
    {
        var peer = Peer("alpha", new PeerRate(AtOnce: 2));
        var first = _rates.Enter(peer);
        using var second = _rates.Enter(peer);

        Assert.Throws<ParleyException>(() => _rates.Enter(peer));
        first.Dispose();
        first.Dispose();
        using var third = _rates.Enter(peer);
        Assert.Throws<ParleyException>(() => _rates.Enter(peer));
    }

    public void Dispose() => _rates.Dispose();

    private void Ask(string name, int times)
    {
        for (var number = 0; number < times; number++)
        {
            _rates.Enter(Peer(name, PeerRate.Abtars)).Dispose();
        }
    }

    private static PeerEntry Peer(string name, PeerRate rate) => new(name, "h", 1, CertificatePin.OfKeyHash(new byte[32]), PeerProfile.JwtEddsa) { Rate = rate };
}
