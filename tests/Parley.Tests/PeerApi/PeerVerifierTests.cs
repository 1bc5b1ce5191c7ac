using System.Security.Cryptography;
using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

public sealed class PeerVerifierTests : IDisposable
{
    private const string Header = """{"alg":"EdDSA","typ":"parley-peer+jwt"}""";

    private readonly PeerTestKeys _keys = new();
    private readonly TempFolder _folder = new();
    private SpentTokens _spent;
    private PeerVerifier _verifier;

    public PeerVerifierTests()
    {
        _spent = SpentTokens.Open(_folder.PathOf("spent"), _keys.Clock);
        _verifier = new PeerVerifier(_spent, _keys.Clock);
    }

    public void Dispose()
    {
        _spent.Dispose();
        _folder.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void J1_a_signed_request_is_believed()
    {
        var fault = _verifier.CheckHead(_keys.BetaKnows(), _keys.Ask(session: "s1"), out var caller);

        Assert.Equal(ProofFault.None, fault);
        Assert.Equal(("alpha", 5L, "s1"), (caller!.Peer.Name, caller.Hops, caller.Session));
        Assert.Equal(ProofFault.None, _verifier.CheckBody(caller, _keys.Body));
    }

    [Fact]
    public void J8_the_scheme_may_be_in_any_case()
    {
        var head = _keys.Ask();

        Assert.Equal(ProofFault.None, _verifier.CheckHead(_keys.BetaKnows(), head with { Authorization = head.Authorization!.Replace("Bearer", "bEARER", StringComparison.Ordinal) }, out _));
    }

    [Theory]
    [InlineData(null, ProofFault.Missing)]
    [InlineData("Basic eA", ProofFault.Missing)]
    [InlineData("Bearer a shared secret", ProofFault.Malformed)]
    [InlineData("Bearer a.b", ProofFault.Malformed)]
    [InlineData("Bearer a.b.c.d", ProofFault.Malformed)]
    [InlineData("Bearer e30.e30.", ProofFault.Malformed)]
    public void J6_what_is_no_token_is_refused(string? authorization, ProofFault fault) =>
        Assert.Equal(fault, _verifier.CheckHead(_keys.BetaKnows(), PeerTestKeys.Head with { Authorization = authorization }, out _));

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("ES256")]
    public void J3_another_algorithm_is_refused_whatever_it_signs(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","typ":"parley-peer+jwt"}""";
        var confused = _keys.Forge(header, _keys.Claims(), data => HMACSHA256.HashData(_keys.Alpha.PublicKey, data));
        var signed = _keys.Forge(header, _keys.Claims());

        Assert.Equal(ProofFault.WrongKind, _verifier.CheckHead(_keys.BetaKnows(), confused, out _));
        Assert.Equal(ProofFault.WrongKind, _verifier.CheckHead(_keys.BetaKnows(), signed, out _));
    }

    [Fact]
    public void A_token_of_another_purpose_is_refused() =>
        Assert.Equal(ProofFault.WrongKind, _verifier.CheckHead(_keys.BetaKnows(), _keys.Forge("""{"alg":"EdDSA","typ":"JWT"}""", _keys.Claims()), out _));

    [Fact]
    public void J3_an_EdDSA_token_does_not_pass_where_HS256_is_pinned() =>
        Assert.Equal(ProofFault.WrongKind, _verifier.CheckHead(_keys.BetaKnows(PeerProfile.JwtHs256, PeerTestKeys.Secret), _keys.Ask(), out _));

    [Theory]
    [InlineData("iss:\"nobody\"", ProofFault.UnknownPeer)]
    [InlineData("iss:\"gamma\"", ProofFault.BadSignature)]
    [InlineData("aud:\"gamma\"", ProofFault.WrongAudience)]
    [InlineData("aud:\"Beta\"", ProofFault.WrongAudience)]
    [InlineData("aud:[\"beta\"]", ProofFault.WrongAudience)]
    [InlineData("aud:", ProofFault.WrongAudience)]
    [InlineData("iat:", ProofFault.ClaimMissing)]
    [InlineData("exp:", ProofFault.ClaimMissing)]
    [InlineData("jti:", ProofFault.ClaimMissing)]
    [InlineData("bh:", ProofFault.ClaimMissing)]
    [InlineData("hops:", ProofFault.ClaimMissing)]
    [InlineData("htm:\"GET\"", ProofFault.OtherRequest)]
    [InlineData("path:\"/v1/models\"", ProofFault.OtherRequest)]
    [InlineData("path:\"/v1/chat/completions?x=1\"", ProofFault.OtherRequest)]
    [InlineData("sid:\"another\"", ProofFault.OtherRequest)]
    public void J4_W14_each_claim_counts(string change, ProofFault fault) =>
        Assert.Equal(fault, _verifier.CheckHead(_keys.BetaKnows(), _keys.Forge(Header, _keys.Claims(change)), out _));

    [Theory]
    [InlineData(0, 60, ProofFault.None)]
    [InlineData(-60, 0, ProofFault.None)]
    [InlineData(-60, -1, ProofFault.Expired)]
    [InlineData(5, 65, ProofFault.None)]
    [InlineData(6, 60, ProofFault.FromTheFuture)]
    [InlineData(0, 61, ProofFault.LivesTooLong)]
    public void J4_W3_times_count_to_the_second(int issued, int expires, ProofFault fault)
    {
        var now = _keys.Clock.GetUtcNow().ToUnixTimeSeconds();
        var head = _keys.Forge(Header, _keys.Claims($"iat:{now + issued}", $"exp:{now + expires}"));

        Assert.Equal(fault, _verifier.CheckHead(_keys.BetaKnows(), head, out _));
    }

    [Fact]
    public void W14_a_hop_budget_beside_the_signed_one_is_refused() =>
        Assert.Equal(ProofFault.OtherRequest, _verifier.CheckHead(_keys.BetaKnows(), _keys.Ask(hops: 5) with { Hops = "12" }, out _));

    [Fact]
    public void Another_body_is_refused_and_spends_nothing()
    {
        _verifier.CheckHead(_keys.BetaKnows(), _keys.Ask(), out var caller);

        Assert.Equal(ProofFault.OtherBody, _verifier.CheckBody(caller!, "{}"u8));
        Assert.Equal(ProofFault.None, _verifier.CheckBody(caller!, _keys.Body));
    }

    [Fact]
    public void J5_W3_a_used_token_is_refused()
    {
        _verifier.CheckHead(_keys.BetaKnows(), _keys.Ask(), out var caller);
        _verifier.CheckBody(caller!, _keys.Body);

        Assert.Equal(ProofFault.Replayed, _verifier.CheckBody(caller!, _keys.Body));
    }

    [Fact]
    public void J5_a_used_token_is_refused_after_a_restart()
    {
        _verifier.CheckHead(_keys.BetaKnows(), _keys.Ask(), out var caller);
        _verifier.CheckBody(caller!, _keys.Body);

        _spent.Dispose();
        _spent = SpentTokens.Open(_folder.PathOf("spent"), _keys.Clock);
        _verifier = new PeerVerifier(_spent, _keys.Clock);

        Assert.Equal(ProofFault.Replayed, _verifier.CheckBody(caller!, _keys.Body));
    }

    [Fact]
    public async Task Of_the_same_token_at_once_exactly_one_passes()
    {
        _verifier.CheckHead(_keys.BetaKnows(), _keys.Ask(), out var caller);

        var faults = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => _verifier.CheckBody(caller!, _keys.Body))));

        Assert.Single(faults, ProofFault.None);
    }

    [Fact]
    public void W1_a_request_for_beta_is_nothing_to_gamma() =>
        Assert.Equal(ProofFault.WrongAudience, _verifier.CheckHead(_keys.BetaKnows() with { Name = "gamma" }, _keys.Ask("beta"), out _));

    [Fact]
    public void With_token_and_key_both_proofs_pass() =>
        Assert.Equal(ProofFault.None, _verifier.CheckHead(_keys.BetaKnows(token: PeerTestKeys.Secret), _keys.Ask(token: PeerTestKeys.Secret), out _));

    [Fact]
    public void With_token_and_key_one_proof_is_not_enough()
    {
        var both = _keys.Ask(token: PeerTestKeys.Secret);
        var knows = _keys.BetaKnows(token: PeerTestKeys.Secret);

        Assert.Equal(ProofFault.ProofWrong, _verifier.CheckHead(knows, both with { Proof = null }, out _));
        Assert.Equal(ProofFault.ProofWrong, _verifier.CheckHead(knows, _keys.Ask(token: "another secret"), out _));
        Assert.Equal(ProofFault.ProofWrong, _verifier.CheckHead(knows, _keys.Ask(token: PeerTestKeys.Secret) with { Proof = both.Proof }, out _));
        Assert.Equal(ProofFault.WrongKind, _verifier.CheckHead(knows, both with { Authorization = "Bearer " + both.Proof }, out _));
    }

    [Fact]
    public void J2_HS256_is_believed_where_it_is_pinned()
    {
        var head = _keys.Ask(profile: PeerProfile.JwtHs256, token: PeerTestKeys.Secret);

        var fault = _verifier.CheckHead(_keys.BetaKnows(PeerProfile.JwtHs256, PeerTestKeys.Secret), head, out var caller);

        Assert.Equal((ProofFault.None, 5L), (fault, caller!.Hops));
        Assert.Equal(ProofFault.BadSignature, _verifier.CheckHead(_keys.BetaKnows(PeerProfile.JwtHs256, "another"), head, out _));
    }

    [Fact]
    public void J7_W3_a_bare_secret_is_no_token() =>
        Assert.Equal(ProofFault.Malformed, _verifier.CheckHead(_keys.BetaKnows(PeerProfile.JwtHs256, PeerTestKeys.Secret), PeerTestKeys.Head with { Authorization = "Bearer " + PeerTestKeys.Secret }, out _));

    [Fact]
    public void No_damaged_token_is_believed()
    {
        var good = _keys.Ask().Authorization!["Bearer ".Length..];
        var knows = _keys.BetaKnows();

        Fuzz.Run(4107, Fuzz.Count, random => Encoding.Latin1.GetString(random.Next(4) == 0 ? Fuzz.Bytes(random, 300) : Fuzz.Mutate(random, Encoding.ASCII.GetBytes(good))), text =>
        {
            if (text != good)
            {
                Assert.NotEqual(ProofFault.None, _verifier.CheckHead(knows, PeerTestKeys.Head with { Authorization = "Bearer " + text }, out _));
            }
        });
    }

    [Fact]
    public void No_damaged_JSON_inside_a_token_throws()
    {
        var good = Encoding.UTF8.GetBytes(_keys.Claims());

        Fuzz.Run(4108, Fuzz.Count, random => Fuzz.Mutate(random, good), claims =>
        {
            var text = CompactJwt.Write(Encoding.ASCII.GetBytes(Header), claims, static _ => new byte[64]);
            _verifier.CheckHead(_keys.BetaKnows(), PeerTestKeys.Head with { Authorization = "Bearer " + text }, out var caller);
            Assert.Null(caller);
        });
    }
}
