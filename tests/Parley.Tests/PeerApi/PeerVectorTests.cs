using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Messaging;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

/// <summary>J9 and S1: what node's own crypto made of seed 01..01, the secret and the time below. These bytes never change.</summary>
public sealed class PeerVectorTests : IDisposable
{
    private const long Time = 1750000000;
    private const string Secret = "a shared secret";
    private const string Nonce = "00112233445566778899aabbccddeeff";
    private const string Eddsa =
        "eyJhbGciOiJFZERTQSIsInR5cCI6InBhcmxleS1wZWVyK2p3dCJ9.eyJpc3MiOiJhbHBoYSIsImF1ZCI6ImJldGEiLCJpYXQiOjE3NTAwMDAwMDAsImV4cCI6MTc1MDAwMDA2MCwianRpIjoiMDEyMzQ1Njc4OWFiY2RlZmdoamttbnBxcnMiLCJodG0iOiJQT1NUIiwicGF0aCI6Ii92MS9jaGF0L2NvbXBsZXRpb25zIiwiYmgiOiJ3cll2allQTkstVV8yNGRIc0E3R01yVlBuOENISDU2cjZrVnd2RF8xTDNzIiwiaG9wcyI6NX0.d-TvBAS-fX8rdIJhmUqn8ze1bKbKB6t0RAMJfa5H-yX5rf1posGONyczr5lDIoL4oZJOrNvG6CIAd6e5rsGtCw";

    private const string Hs256 = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhbHBoYSIsImF1ZCI6ImJldGEiLCJpYXQiOjE3NTAwMDAwMDAsImV4cCI6MTc1MDAwMDA2MH0.v_tWSCh4Cko1KgpEOXghdtE2oqReHMxJwuqo0nzY70w";
    private const string Proof =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6InBhcmxleS1wZWVyLXByb29mK2p3dCJ9.eyJpc3MiOiJhbHBoYSIsImF1ZCI6ImJldGEiLCJpYXQiOjE3NTAwMDAwMDAsImV4cCI6MTc1MDAwMDA2MCwiZWgiOiJiRkFTcTA1TWZTMFY4RnpiY3pQUVJKVUwxbGZaa0RNNkh3ck1PZWlHdjJzIn0._XWhA2BSHXiQBbNtfTjPSo5bUGpai3iGBgE1GT1Dnpc";

    private const string Signed = "6wRRJvDrpamKGRV4O3DRZig0mWi0I9BmCoiqYzZeUDa2z3O40LvsP3cZ7CshBk4uZptI1ZFicCi7Rj8HKnscAA==";
    private const string SignedEmpty = "+qph3KYukGeRlaLgpXz0MGR2MmRfdHJDFlraR5EFQZE4mFgrGaOVTCxJdpljnKCXRYD6YES3383bPWl7fn2HCA==";
    private const string Tag = "uLh3+rgJV+Svr9dm4ch/iFgVLyj5s4esxRjsIC7MCN4I3iRXOpZqYsv0eMrryz6lSdZ9AGhLfEe4cbMnHVNZBQ==";

    private static readonly byte[] _body = Encoding.UTF8.GetBytes("""{"model":"default","messages":[{"role":"user","content":"größer"}]}""");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(Time));
    private readonly Ed25519Key _alpha = Ed25519Key.FromSeed(Enumerable.Repeat((byte)1, 32).ToArray());
    private readonly TempFolder _folder = new();
    private readonly SpentTokens _spent;

    public PeerVectorTests() => _spent = SpentTokens.Open(_folder.PathOf("spent"), _clock);

    [Fact]
    public void J9_the_token_of_jwt_eddsa_and_its_second_proof_are_believed_and_written()
    {
        var head = new PeerRequestHead("POST", "/v1/chat/completions") { Authorization = "Bearer " + Eddsa, Proof = Proof };

        var fault = new PeerVerifier(_spent, _clock).CheckHead(BetaKnows(PeerProfile.JwtEddsa, Secret), head, out var caller);

        Assert.Equal(ProofFault.None, fault);
        Assert.Equal(ProofFault.None, new PeerVerifier(_spent, _clock).CheckBody(caller!, _body));
    }

    [Fact]
    public void J9_the_token_of_jwt_hs256_is_written_to_the_byte()
    {
        var made = Sign(PeerProfile.JwtHs256, new PeerRequestHead("POST", "/v1/chat/completions"), _body);

        Assert.Equal("Bearer " + Hs256, made.Authorization);
        Assert.Equal(ProofFault.None, new PeerVerifier(_spent, _clock).CheckHead(BetaKnows(PeerProfile.JwtHs256, Secret), made, out _));
    }

    [Theory]
    [InlineData("POST", "/v1/chat/completions?x=1", true, Signed)]
    [InlineData("GET", "/v1/models", false, SignedEmpty)]
    public void S1_S6_the_signature_of_abtars_req_v1_is_written_to_the_byte_and_believed(string method, string target, bool hasBody, string signature)
    {
        var body = hasBody ? _body : [];

        var made = Sign(PeerProfile.AbtarsReqV1, new PeerRequestHead(method, target), body);

        Assert.Equal(("alpha", $"{Time}", Nonce, signature), (made.PeerId, made.Timestamp, made.Nonce, made.Signature));
        Assert.Equal("Bearer " + Hs256, made.Authorization);
        Assert.Equal(ProofFault.None, new PeerVerifier(_spent, _clock).CheckHead(BetaKnows(PeerProfile.AbtarsReqV1, null), made, out var caller));
        Assert.Equal(ProofFault.None, new PeerVerifier(_spent, _clock).CheckBody(caller!, body));
    }

    [Fact]
    public void M1_the_tag_of_a_text_is_written_to_the_byte()
    {
        var tagged = TextTag.Append("größer", _alpha, "alpha", "beta", _clock.GetUtcNow());

        Assert.Equal($"größer [sig:{Time}:{Tag}]", tagged);
    }

    public void Dispose()
    {
        _spent.Dispose();
        _folder.Dispose();
        _alpha.Dispose();
    }

    private PeerRequestHead Sign(PeerProfile profile, PeerRequestHead head, byte[] body) => PeerProof.Sign(
        new PeerDirectory("alpha", _alpha, new Dictionary<string, PeerEntry>(), []), Entry("beta", profile, Secret), head, 5, body, _clock.GetUtcNow(), Fill);

    private static void Fill(Span<byte> bytes) => Convert.FromHexString(Nonce).AsSpan(0, bytes.Length).CopyTo(bytes);

    private PeerDirectory BetaKnows(PeerProfile profile, string? token) =>
        new("beta", null, new Dictionary<string, PeerEntry> { ["alpha"] = Entry("alpha", profile, token) }, []);

    private PeerEntry Entry(string name, PeerProfile profile, string? token) =>
        new(name, "127.0.0.1", 3100, CertificatePin.OfKeyHash(new byte[32]), profile) { VerifyKey = _alpha.PublicKey.ToArray(), Token = token };
}
