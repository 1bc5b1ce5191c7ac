using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Testing;

namespace Parley.Tests.PeerApi;

/// <summary>Two peers, alpha who asks and beta who is asked, and what alpha sends.</summary>
internal sealed class PeerTestKeys : IDisposable
{
    public const string Secret = "a shared secret";

    private readonly Random _random = new(7);

    public FakeTimeProvider Clock { get; } = new();

    public Ed25519Key Alpha { get; } = Ed25519Key.FromSeed(Enumerable.Repeat((byte)1, 32).ToArray());

    public Ed25519Key Beta { get; } = Ed25519Key.FromSeed(Enumerable.Repeat((byte)2, 32).ToArray());

    public byte[] Body { get; } = Encoding.UTF8.GetBytes("""{"model":"default","messages":[{"role":"user","content":"hello"}]}""");

    public static PeerRequestHead Head { get; } = new("POST", "/v1/chat/completions");

    /// <summary>Beta's view: it knows alpha.</summary>
    public PeerDirectory BetaKnows(PeerProfile profile = PeerProfile.JwtEddsa, string? token = null, ReadOnlyMemory<byte>? key = null) => new(
        "beta", Beta, new Dictionary<string, PeerEntry> { ["alpha"] = Entry("alpha", key ?? Alpha.PublicKey.ToArray(), profile, token), ["gamma"] = Entry("gamma", Beta.PublicKey.ToArray(), profile, null) }, []);

    /// <summary>What alpha sends to a peer.</summary>
    public PeerRequestHead Ask(string audience = "beta", PeerProfile profile = PeerProfile.JwtEddsa, string? token = null, int hops = 5, string? session = null, string issuer = "alpha") => PeerProof.Sign(
        new PeerDirectory(issuer, Alpha, new Dictionary<string, PeerEntry>(), []), Entry(audience, Beta.PublicKey.ToArray(), profile, token), Head with { Session = session }, hops, Body, Clock.GetUtcNow(), _random.NextBytes);

    /// <summary>A token with header and claims of one's own, signed with alpha's key.</summary>
    public PeerRequestHead Forge(string header, string claims, Func<byte[], byte[]>? sign = null) =>
        Head with { Authorization = "Bearer " + CompactJwt.Write(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(claims), sign ?? (data => Alpha.Sign(data))) };

    /// <summary>Sound claims, with changes: <c>name:json</c>, or <c>name:</c> to leave one out.</summary>
    public string Claims(params string[] changes)
    {
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        var members = new Dictionary<string, string>
        {
            ["iss"] = "\"alpha\"", ["aud"] = "\"beta\"", ["iat"] = $"{now}", ["exp"] = $"{now + 60}", ["jti"] = "\"id-1\"", ["htm"] = "\"POST\"",
            ["path"] = "\"/v1/chat/completions\"", ["bh"] = $"\"{PeerProof.HashOf(Body)}\"", ["hops"] = "5",
        };
        foreach (var change in changes.Select(change => change.Split(':', 2)))
        {
            members[change[0]] = change[1];
        }

        return "{" + string.Join(',', members.Where(member => member.Value.Length > 0).Select(member => $"\"{member.Key}\":{member.Value}")) + "}";
    }

    public void Dispose()
    {
        Alpha.Dispose();
        Beta.Dispose();
    }

    private static PeerEntry Entry(string name, byte[] key, PeerProfile profile, string? token) => Entry(name, (ReadOnlyMemory<byte>)key, profile, token);

    private static PeerEntry Entry(string name, ReadOnlyMemory<byte> key, PeerProfile profile, string? token) =>
        new(name, "127.0.0.1", 3100, CertificatePin.OfKeyHash(new byte[32]), profile) { VerifyKey = key, Token = token };
}
