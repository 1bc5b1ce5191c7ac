using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

public sealed class AbtarsProfileTests : IDisposable
{
    private readonly PeerTestKeys _keys = new();
    private readonly TempFolder _folder = new();
    private readonly SpentTokens _spent;
    private readonly PeerVerifier _verifier;

    public AbtarsProfileTests()
    {
        _spent = SpentTokens.Open(_folder.PathOf("spent"), _keys.Clock);
        _verifier = new PeerVerifier(_spent, _keys.Clock);
    }

    [Fact]
    public void S2_another_method_path_query_nonce_time_or_body_is_refused()
    {
        var head = Ask();

        foreach (var other in new[]
        {
            head with { Method = "GET" }, head with { Target = "/v1/models" }, head with { Target = head.Target + "?x=1" },
            head with { Nonce = "00" + head.Nonce![2..] }, head with { Timestamp = $"{long.Parse(head.Timestamp!) - 1}" },
        })
        {
            Assert.Equal(ProofFault.BadSignature, Check(other, _keys.Body));
        }

        Assert.Equal(ProofFault.BadSignature, Check(head, "{}"u8.ToArray()));
        Assert.Equal(ProofFault.None, Check(head, _keys.Body));
    }

    [Theory]
    [InlineData(-31, ProofFault.FromTheFuture)]
    [InlineData(-30, ProofFault.None)]
    [InlineData(30, ProofFault.None)]
    [InlineData(31, ProofFault.Expired)]
    public void S3_thirty_seconds_either_way(int later, ProofFault fault)
    {
        var clock = new FakeTimeProvider(_keys.Clock.GetUtcNow().AddSeconds(later));
        using var spent = SpentTokens.Open(_folder.PathOf("another"), clock);

        Assert.Equal(fault, Check(Ask(), _keys.Body, new PeerVerifier(spent, clock)));
    }

    [Fact]
    public async Task S4_of_one_nonce_at_once_exactly_one_passes_and_none_later()
    {
        var head = Ask();

        var faults = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Check(head, _keys.Body))));

        Assert.Single(faults, ProofFault.None);
        Assert.Equal(ProofFault.Replayed, Check(head, _keys.Body));
    }

    [Fact]
    public void S4_a_nonce_is_remembered_across_a_crash_until_its_time_is_out()
    {
        var head = Ask();
        Check(head, _keys.Body);
        File.Copy(_folder.PathOf("spent"), _folder.PathOf("left"));
        File.SetUnixFileMode(_folder.PathOf("left"), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        using var again = SpentTokens.Open(_folder.PathOf("left"), _keys.Clock);
        using var forgetful = SpentTokens.Open(_folder.PathOf("nothing"), _keys.Clock);

        Assert.Equal(ProofFault.Replayed, Check(head, _keys.Body, new PeerVerifier(again, _keys.Clock)));
        _keys.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(ProofFault.Expired, Check(head, _keys.Body, new PeerVerifier(forgetful, _keys.Clock)));
    }

    [Fact]
    public void S5_an_unknown_id_or_a_missing_header_is_refused()
    {
        var head = Ask();

        Assert.Equal(ProofFault.UnknownPeer, Check(head with { PeerId = "nobody" }, _keys.Body));
        Assert.Equal(ProofFault.Missing, Check(head with { PeerId = null }, _keys.Body));
        Assert.Equal(ProofFault.Malformed, Check(head with { Timestamp = null }, _keys.Body));
        Assert.Equal(ProofFault.Malformed, Check(head with { Nonce = null }, _keys.Body));
        Assert.Equal(ProofFault.Malformed, Check(head with { Signature = null }, _keys.Body));
        Assert.Equal(ProofFault.BadSignature, Check(head with { Signature = "AAAA" }, _keys.Body));
        Assert.Equal(ProofFault.BadSignature, Check(head with { PeerId = "delta" }, _keys.Body));
    }

    [Fact]
    public void W1_a_profile_that_is_not_pinned_is_refused_whatever_is_sent()
    {
        var signed = Ask();
        var token = _keys.Ask();

        Assert.NotEqual(ProofFault.None, _verifier.CheckHead(_keys.BetaKnows(), signed, out _));
        Assert.Equal(ProofFault.WrongKind, _verifier.CheckHead(Knows(), token, out _));
        Assert.Equal(ProofFault.None, _verifier.CheckHead(_keys.BetaKnows(), token with { PeerId = "alpha", Timestamp = "1", Nonce = "x", Signature = "y" }, out _));
    }

    [Fact]
    public void S_no_damaged_header_throws_or_is_believed()
    {
        var head = Ask();
        var parts = new[] { head.Timestamp!, head.Nonce!, head.Signature! };

        Fuzz.Run(5107, Fuzz.Count, random => (Which: random.Next(3), Text: Encoding.Latin1.GetString(Fuzz.Mutate(random, Encoding.ASCII.GetBytes(parts[random.Next(3)])))), fuzzed =>
        {
            var damaged = fuzzed.Which switch { 0 => head with { Timestamp = fuzzed.Text }, 1 => head with { Nonce = fuzzed.Text }, _ => head with { Signature = fuzzed.Text } };
            if (damaged != head && Check(damaged, _keys.Body) == ProofFault.None)
            {
                // White space inside base64 stands for nothing: the bytes are the same.
                Assert.Equal(Convert.FromBase64String(parts[2]), Convert.FromBase64String(damaged.Signature!));
            }
        });
    }

    [Theory]
    [InlineData("hello", "hello")]
    [InlineData("two words [sig:1:x]", "two words [sig:1:x]")]
    [InlineData("ends in space \n", "ends in space")]
    [InlineData("", "")]
    public void M1_a_tag_comes_off_again(string text, string expected)
    {
        var tagged = TextTag.Append(text, _keys.Alpha, "alpha", "beta", _keys.Clock.GetUtcNow());

        var state = TextTag.Check(tagged, _keys.Alpha.PublicKey, "alpha", "beta", _keys.Clock.GetUtcNow(), out var signed);

        Assert.Equal((TextTagState.Right, expected), (state, signed));
    }

    [Fact]
    public void M1_another_text_sender_receiver_key_or_time_is_wrong()
    {
        var (now, key) = (_keys.Clock.GetUtcNow(), _keys.Alpha.PublicKey.ToArray());
        var tagged = TextTag.Append("hello", _keys.Alpha, "alpha", "beta", now);
        TextTagState Check(string text, byte[] publicKey, string sender, string receiver, int later = 0) => TextTag.Check(text, publicKey, sender, receiver, now.AddSeconds(later), out _);

        Assert.Equal(TextTagState.Wrong, Check("j" + tagged[1..], key, "alpha", "beta"));
        Assert.Equal(TextTagState.Wrong, Check(tagged, key, "gamma", "beta"));
        Assert.Equal(TextTagState.Wrong, Check(tagged, key, "alpha", "gamma"));
        Assert.Equal(TextTagState.Wrong, Check(tagged, _keys.Beta.PublicKey.ToArray(), "alpha", "beta"));
        Assert.Equal(TextTagState.Wrong, Check(tagged, [], "alpha", "beta"));
        Assert.Equal(TextTagState.Wrong, Check(tagged, key, "alpha", "beta", 31));
        Assert.Equal(TextTagState.Right, Check(tagged, key, "alpha", "beta", 30));
        Assert.Equal(TextTagState.Absent, Check("hello", key, "alpha", "beta"));
    }

    public void Dispose()
    {
        _spent.Dispose();
        _folder.Dispose();
        _keys.Dispose();
    }

    private PeerRequestHead Ask() => _keys.Ask(profile: PeerProfile.AbtarsReqV1);

    private PeerDirectory Knows()
    {
        var knows = _keys.BetaKnows(PeerProfile.AbtarsReqV1);
        return knows with { Peers = new Dictionary<string, PeerEntry>(knows.Peers) { ["delta"] = knows.Peers["alpha"] with { Name = "delta", VerifyKey = _keys.Beta.PublicKey.ToArray() } } };
    }

    private ProofFault Check(PeerRequestHead head, byte[] body, PeerVerifier? verifier = null)
    {
        var fault = (verifier ?? _verifier).CheckHead(Knows(), head, out var caller);
        return fault == ProofFault.None ? (verifier ?? _verifier).CheckBody(caller!, body) : fault;
    }
}
