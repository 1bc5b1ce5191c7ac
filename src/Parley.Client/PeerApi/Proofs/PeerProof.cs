using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>Proves our own requests: the other side of <see cref="PeerVerifier"/>.</summary>
public static class PeerProof
{
    /// <summary>How long a token counts. <value>60 s.</value></summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary><c>typ</c> of the token of jwt-eddsa. No other token that the key may sign begins with this header.</summary>
    public const string TokenType = "parley-peer+jwt";

    /// <summary><c>typ</c> of the second proof.</summary>
    public const string ProofType = "parley-peer-proof+jwt";

    internal const string Eddsa = "EdDSA";
    internal const string Hs256 = "HS256";

    private static readonly JsonWriterOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The head of a request with everything that this peer's profile wants.</summary>
    /// <param name="self">Us.</param>
    /// <param name="peer">Whom we ask.</param>
    /// <param name="head">Method, target, hop budget and conversation.</param>
    /// <param name="hops">The hop budget.</param>
    /// <param name="body">The body; empty for none.</param>
    /// <param name="now">The time.</param>
    /// <param name="fill">Randomness of the token's id.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: our signing key is missing.</exception>
    public static PeerRequestHead Sign(PeerDirectory self, PeerEntry peer, PeerRequestHead head, int hops, ReadOnlySpan<byte> body, DateTimeOffset now, FillRandom fill)
    {
        if (peer.Profile == PeerProfile.AbtarsReqV1)
        {
            return SignWhole(self, peer, head, hops, body, now, fill);
        }

        var isSigned = peer.Profile == PeerProfile.JwtEddsa;
        var id = isSigned ? EnvelopeId.Make(fill).Value : null;
        var token = isSigned ? SignToken(self, peer, head, hops, body, now, id!) : Mac(peer.Token!, "JWT", Claims(self.Name, peer.Name, now, static _ => { }));
        var proof = isSigned && peer.Token is { } secret ? Mac(secret, ProofType, Claims(self.Name, peer.Name, now, json => json.WriteString("eh", HashOf(token)))) : null;
        return head with { Authorization = "Bearer " + token, Proof = proof, Hops = hops.ToString(), Session = head.Session, Id = id };
    }

    /// <summary>SHA-256 in base64url, as claims have it.</summary>
    internal static string HashOf(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(SHA256.HashData(bytes));

    /// <summary>The same of a token.</summary>
    internal static string HashOf(string token) => HashOf(Encoding.UTF8.GetBytes(token));

    /// <summary>A question's text as this peer's profile wants it: with a tag, where it takes such.</summary>
    public static string Tag(PeerDirectory self, PeerEntry peer, string text, DateTimeOffset now) =>
        peer.Profile == PeerProfile.AbtarsReqV1 || peer.IsTextSigned ? TextTag.Append(text, KeyOf(self), self.Name, peer.Name, now) : text;

    // A peer of an earlier generation takes the MAC, a later one the signature: the headers do not collide.
    private static PeerRequestHead SignWhole(PeerDirectory self, PeerEntry peer, PeerRequestHead head, int hops, ReadOnlySpan<byte> body, DateTimeOffset now, FillRandom fill)
    {
        var random = new byte[AbtarsSignature.NonceSize];
        fill(random);
        var (seconds, nonce) = (now.ToUnixTimeSeconds(), Convert.ToHexStringLower(random));
        return head with
        {
            Authorization = peer.Token is { } secret ? "Bearer " + Mac(secret, "JWT", Claims(self.Name, peer.Name, now, static _ => { })) : null,
            PeerId = self.Name,
            Timestamp = seconds.ToString(),
            Nonce = nonce,
            Signature = AbtarsSignature.Sign(KeyOf(self), head.Method, head.Target, seconds, nonce, body),
            Hops = hops.ToString(),
            Id = nonce,
        };
    }

    private static Ed25519Key KeyOf(PeerDirectory self) =>
        self.SigningKey ?? throw new ParleyException(ErrorCode.InvalidArgument, "peers.json has no self.signingKey: run parley peer init, or set it.");

    private static string SignToken(PeerDirectory self, PeerEntry peer, PeerRequestHead head, int hops, ReadOnlySpan<byte> body, DateTimeOffset now, string id)
    {
        var key = KeyOf(self);
        var bodyHash = HashOf(body);
        var claims = Claims(self.Name, peer.Name, now, json =>
        {
            json.WriteString("jti", id);
            json.WriteString("htm", head.Method);
            json.WriteString("path", head.Target);
            json.WriteString("bh", bodyHash);
            json.WriteNumber("hops", hops);
            if (head.Session is { } session)
            {
                json.WriteString("sid", session);
            }
        });
        return CompactJwt.Write(Header(Eddsa, TokenType), claims, data => key.Sign(data));
    }

    private static string Mac(string secret, string type, byte[] claims) =>
        CompactJwt.Write(Header(Hs256, type), claims, data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), data));

    private static byte[] Header(string algorithm, string type) => Encoding.ASCII.GetBytes($$"""{"alg":"{{algorithm}}","typ":"{{type}}"}""");

    private static byte[] Claims(string issuer, string audience, DateTimeOffset now, Action<Utf8JsonWriter> more)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, _json))
        {
            var seconds = now.ToUnixTimeSeconds();
            json.WriteStartObject();
            json.WriteString("iss", issuer);
            json.WriteString("aud", audience);
            json.WriteNumber("iat", seconds);
            json.WriteNumber("exp", seconds + (long)Lifetime.TotalSeconds);
            more(json);
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
