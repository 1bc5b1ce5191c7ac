using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

public sealed class PeersReaderTests
{
    private const string Pin = "SHA256:B3:9A:5D:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC";

    private static readonly Ed25519Key _key = Ed25519Key.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray());
    private static readonly string _verifyKey = PeerKeyText.WritePublic(_key.PublicKey);
    private static readonly string _seed = Convert.ToBase64String(Enumerable.Repeat((byte)9, 32).ToArray());

    [Fact]
    public void The_fields_of_the_page_are_read()
    {
        var peers = Read(File($$"""
            "host":"192.0.2.7","port":3100,"token":"secret","verifyKey":"{{_verifyKey}}","certFingerprint":"{{Pin}}"
            """));

        var peer = Assert.Single(peers.Peers).Value;
        Assert.Empty(peers.Problems);
        Assert.Equal(("kp", "192.0.2.7", 3100, "secret", PeerProfile.JwtEddsa), (peers.Name, peer.Host, peer.Port, peer.Token, peer.Profile));
        Assert.Equal(_key.PublicKey.ToArray(), peer.VerifyKey.ToArray());
        Assert.Equal(Pin, peer.Pin.ToString());
        Assert.Equal(_key.PublicKey.ToArray(), peers.SigningKey!.PublicKey.ToArray());
    }

    [Theory]
    [InlineData("b39a5d00112233445566778899aabbccddeeff00112233445566778899aabbcc")]
    [InlineData("sha256 Fingerprint=B3:9A:5D:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC")]
    [InlineData("sha256:b3:9a:5d:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc")]
    public void A_fingerprint_may_be_spelled_in_any_way(string text) =>
        Assert.Equal(Pin, Assert.Single(Read(File($$""" "host":"h","verifyKey":"{{_verifyKey}}","certFingerprint":"{{text}}" """)).Peers).Value.Pin.ToString());

    [Theory]
    [InlineData("hex")]
    [InlineData("base64")]
    [InlineData("base64url")]
    public void A_key_may_be_raw(string form)
    {
        var text = form switch { "hex" => Convert.ToHexString(_key.PublicKey), "base64" => Convert.ToBase64String(_key.PublicKey), _ => System.Buffers.Text.Base64Url.EncodeToString(_key.PublicKey) };

        Assert.Equal(_key.PublicKey.ToArray(), PeerKeyText.ReadPublic(text));
    }

    [Fact]
    public void A_private_key_may_be_PEM() =>
        Assert.Equal(_key.PublicKey.ToArray(), PeerKeyText.ReadPrivate(_key.ExportPkcs8Pem()).PublicKey.ToArray());

    [Fact]
    public void Our_own_fields_are_read()
    {
        var peer = Assert.Single(Read(File($$"""
            "host":"h","profile":"jwt-hs256","token":"t","certFingerprint":"{{Pin}}","allow":["ask"],"rate":"abtars","trust":2,"labels":{"site":"mac"}
            """)).Peers).Value;

        Assert.Equal((PeerProfile.JwtHs256, PeerRate.Abtars, 2, "mac", 3100), (peer.Profile, peer.Rate, peer.Trust, peer.Labels["site"], peer.Port));
        Assert.Equal(["ask"], peer.Allow);
    }

    [Fact]
    public void The_pin_of_abtars_req_v1_is_its_verifyKey_unless_another_is_named()
    {
        var peer = Assert.Single(Read(File($$""" "host":"h","profile":"abtars-req-v1","mode":"signed","verifyKey":"{{_verifyKey}}" """)).Peers).Value;
        var named = Assert.Single(Read(File($$""" "host":"h","profile":"abtars-req-v1","verifyKey":"{{_verifyKey}}","certFingerprint":"{{Pin}}" """)).Peers).Value;

        Assert.Equal((PeerProfile.AbtarsReqV1, true, true), (peer.Profile, peer.IsTextSigned, peer.Pin.IsOfKey));
        Assert.Equal(Pin, named.Pin.ToString());
    }

    [Theory]
    [InlineData("\"host\":\"h\",\"profile\":\"jwt-hs256\",\"token\":\"t\",\"verifyKey\":null,\"mode\":\"signed\"", "mode")]
    [InlineData("\"host\":\"h\",\"profile\":\"jwt-hs256\",\"token\":\"t\",\"mode\":\"loud\"", "mode")]
    [InlineData("\"host\":\"h\",\"profile\":\"abtars-req-v1\",\"verifyKey\":null", "verifyKey")]
    [InlineData("\"port\":3100", "host")]
    [InlineData("\"host\":\"h\",\"port\":0", "port")]
    [InlineData("\"host\":\"h\",\"port\":\"3100\"", "port")]
    [InlineData("\"host\":\"h\",\"token\":\"t\",\"verifyKey\":null", "profile")]
    [InlineData("\"host\":\"h\",\"verifyKey\":\"AAAA\"", "verifyKey")]
    [InlineData("\"host\":\"h\",\"profile\":\"none\"", "profile")]
    [InlineData("\"host\":\"h\",\"profile\":\"jwt-hs256\"", "token")]
    [InlineData("\"host\":\"h\",\"certFingerprint\":\"\"", "pinned")]
    [InlineData("\"host\":\"h\",\"certFingerprint\":\"B3:9A\"", "fingerprint")]
    [InlineData("\"host\":\"h\",\"allow\":[\"everything\"]", "allow")]
    [InlineData("\"host\":\"h\",\"rate\":0", "rate")]
    [InlineData("\"host\":\"h\",\"token\":\"{{env.MISSING}}\"", "token")]
    [InlineData("\"host\":\"h\",\"token\":\"{{shell.id}}\"", "token")]
    [InlineData("\"host\":\"\\ud800\"", "Unicode")]
    public void C1_a_bad_entry_is_told_and_skipped_and_the_others_work(string members, string problem)
    {
        var sound = new Dictionary<string, string> { ["verifyKey"] = $"\"{_verifyKey}\"", ["certFingerprint"] = $"\"{Pin}\"" };
        var rest = string.Concat(sound.Where(member => !members.Contains(member.Key, StringComparison.Ordinal)).Select(member => $",\"{member.Key}\":{member.Value}"));

        var peers = Read($$"""{"self":{"name":"kp","signingKey":"{{_seed}}"},"peers":{"bad":{ {{members}}{{rest}} },"good":{"host":"h","verifyKey":"{{_verifyKey}}","certFingerprint":"{{Pin}}"} } }""");

        Assert.Equal("good", Assert.Single(peers.Peers).Key);
        Assert.Contains(problem, Assert.Single(peers.Problems), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Secrets_may_stand_in_variables_and_files()
    {
        var json = $$"""{"self":{"name":"kp","signingKey":"{{"{{file.own.key}}"}}"},"peers":{"b":{"host":"h","token":"{{"{{env.B_TOKEN}}"}}","verifyKey":"{{_verifyKey}}","certFingerprint":"{{Pin}}"} } }""";

        var peers = new PeersReader(name => name == "B_TOKEN" ? "from the environment" : null, path => path == "own.key" ? _key.ExportPkcs8Pem() : null).Read(Encoding.UTF8.GetBytes(json));

        Assert.Empty(peers.Problems);
        Assert.Equal("from the environment", peers.Peers["b"].Token);
        Assert.NotNull(peers.SigningKey);
    }

    [Fact]
    public void C1_no_problem_repeats_a_secret()
    {
        var peers = Read("""{"self":{"name":"kp","signingKey":"SECRET1"},"peers":{"b":{"host":"h","token":"SECRET2","verifyKey":"SECRET3","certFingerprint":"SECRET4"}}}""");

        Assert.DoesNotContain("SECRET", string.Join('\n', peers.Problems), StringComparison.Ordinal);
        Assert.Equal(2, peers.Problems.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"peers\":{},\"peers\":{}}")]
    public void What_is_no_JSON_object_is_damaged(string json) =>
        Assert.Equal(ErrorCode.FileDamaged, Assert.Throws<ParleyException>(() => Read(json)).Code);

    [Fact]
    public void An_unknown_peer_is_answered_with_the_names_that_there_are()
    {
        var peers = Read(File($$""" "host":"h","verifyKey":"{{_verifyKey}}","certFingerprint":"{{Pin}}" """));

        Assert.Equal("Unknown peer 'x'. Available: peer-b", Assert.Throws<ParleyException>(() => peers.Get("x")).Message);
        Assert.Equal("Unknown peer 'x'. Available: (none)", Assert.Throws<ParleyException>(() => PeerDirectory.Empty.Get("x")).Message);
        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => peers.Get("kp")).Code);
    }

    [Fact]
    public void Damaged_files_are_refused_or_read_in_part_and_nothing_else_happens()
    {
        var good = Encoding.UTF8.GetBytes(File($$""" "host":"192.0.2.7","port":3100,"token":"secret","verifyKey":"{{_verifyKey}}","certFingerprint":"{{Pin}}","allow":["ask"],"rate":{"perHour":3},"labels":{"a":"b"} """));

        Fuzz.Run(4109, Fuzz.Count, random => random.Next(8) == 0 ? Fuzz.Bytes(random, 200) : Fuzz.Mutate(random, good), json =>
        {
            try
            {
                var peers = new PeersReader(static _ => null, static _ => null).Read(json);
                Assert.All(peers.Peers.Values, peer => Assert.True(peer.Port is >= 1 and <= 65535 && PeerEntry.IsName(peer.Name)));
            }
            catch (ParleyException exception)
            {
                Assert.Equal(ErrorCode.FileDamaged, exception.Code);
            }
        });
    }

    private static string File(string entry) => $$"""{"self":{"name":"kp","signingKey":"{{_seed}}"},"peers":{"peer-b":{ {{entry}} } } }""";

    private static PeerDirectory Read(string json) => new PeersReader(static _ => null, static _ => null).Read(Encoding.UTF8.GetBytes(json));
}
