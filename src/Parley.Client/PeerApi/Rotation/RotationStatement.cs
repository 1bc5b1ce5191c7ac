using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Proofs;
using Parley.Crypto;
using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi.Rotation;

/// <summary>A peer's word that it has a new signing key and a new certificate: signed by both old keys, so that a thief of one cannot say it, and by the new one, so that nobody claims another's.</summary>
/// <remarks>
/// Text: <c>v1.JSON.S1.S2.S3</c>, parts in base64url. JSON: <c>name</c>, <c>old</c> and <c>new</c> (Ed25519 keys, base64url), <c>cert</c> (the old certificate, DER, base64url), <c>next</c> (SHA-256 of the
/// new one, hex), <c>until</c> (Unix seconds: so long may the old certificate be shown). Signed: <see cref="Purpose"/>, NUL, the JSON's bytes; S1 by the old signing key, S2 by the old
/// certificate's key, S3 by the new signing key.
/// </remarks>
public sealed class RotationStatement
{
    /// <summary>First bytes of what is signed.</summary>
    public const string Purpose = "parley-peer-rotation-v1";

    /// <summary>Longest text in characters.</summary>
    public const int MaxLength = 4096;

    private const string Version = "v1";
    private const int Parts = 5;

    private RotationStatement(string text, string name, byte[] oldKey, byte[] newKey, Ed25519Certificate oldCertificate, CertificatePin newPin, long until)
    {
        (Text, Name, OldKey, NewKey, NewPin, Until) = (text, name, oldKey, newKey, newPin, until);
        OldCertificate = oldCertificate;
    }

    /// <summary>As it travels.</summary>
    public string Text { get; }

    /// <summary>Whose it is.</summary>
    public string Name { get; }

    /// <summary>The signing key that ends, 32 bytes.</summary>
    public ReadOnlyMemory<byte> OldKey { get; }

    /// <summary>The signing key that follows, 32 bytes.</summary>
    public ReadOnlyMemory<byte> NewKey { get; }

    /// <summary>The certificate that ends.</summary>
    public Ed25519Certificate OldCertificate { get; }

    /// <summary>The certificate that follows.</summary>
    public CertificatePin NewPin { get; }

    /// <summary>So long may the old certificate still be shown, Unix seconds.</summary>
    public long Until { get; }

    /// <summary>Makes one.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="oldKey">The signing key that ends.</param>
    /// <param name="oldIdentity">The certificate that ends, and its key.</param>
    /// <param name="newKey">The signing key that follows.</param>
    /// <param name="newCertificate">The certificate that follows.</param>
    /// <param name="until">So long is the old certificate shown.</param>
    public static RotationStatement Make(string name, Ed25519Key oldKey, TlsIdentity oldIdentity, Ed25519Key newKey, Ed25519Certificate newCertificate, DateTimeOffset until)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("old", Base64Url.EncodeToString(oldKey.PublicKey));
            json.WriteString("new", Base64Url.EncodeToString(newKey.PublicKey));
            json.WriteString("cert", Base64Url.EncodeToString(oldIdentity.Certificate.Der.Span));
            json.WriteString("next", Convert.ToHexString(newCertificate.Fingerprint));
            json.WriteNumber("until", until.ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        var signed = Signed(output.WrittenSpan);
        var parts = new[] { output.WrittenSpan.ToArray(), oldKey.Sign(signed), oldIdentity.Sign(signed), newKey.Sign(signed) };
        var text = $"{Version}.{string.Join('.', parts.Select(part => Base64Url.EncodeToString(part)))}";
        return TryRead(text, out var statement) ? statement : throw new InvalidOperationException("A statement that was just made cannot be read.");
    }

    /// <summary>Reads one whose three signatures are right. Whose keys they are is not looked at.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out RotationStatement? statement)
    {
        statement = null;
        if (text is not { Length: > 0 and <= MaxLength } || text.Split('.') is not { Length: Parts } parts || parts[0] != Version || Decode(parts[1]) is not { } json)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 2 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || PeerClaims.TextOf(root, "name") is not { } name || KeyOf(root, "old") is not { } oldKey || KeyOf(root, "new") is not { } newKey ||
                Decode(PeerClaims.TextOf(root, "cert")) is not { } der || !CertificatePin.TryParseHash(PeerClaims.TextOf(root, "next"), out var next) || next.IsOfKey ||
                !root.TryGetProperty("until", out var end) || !end.TryGetInt64(out var until))
            {
                return false;
            }

            var certificate = Ed25519Certificate.Read(der);
            var signed = Signed(json);
            statement = IsSigned(oldKey, signed, parts[2]) && IsSigned(certificate.PublicKey.ToArray(), signed, parts[3]) && IsSigned(newKey, signed, parts[4])
                ? new RotationStatement(text, name, oldKey, newKey, certificate, next, until)
                : null;
            return statement is not null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or TlsException)
        {
            return false;
        }
    }

    /// <summary>Whether it is the pinned peer's, of the keys that are pinned now.</summary>
    public bool IsOf(PeerEntry peer) =>
        Name == peer.Name && peer.Profile == PeerProfile.JwtEddsa && CryptographicOperations.FixedTimeEquals(OldKey.Span, peer.VerifyKey.Span) && peer.Pin.Matches(OldCertificate);

    /// <summary>Its owner's name.</summary>
    public override string ToString() => $"RotationStatement({Name})";

    private static bool IsSigned(byte[] key, byte[] signed, string signature) => Decode(signature) is { Length: Ed25519.SignatureSize } bytes && Ed25519.Verify(key, signed, bytes);

    private static byte[] Signed(ReadOnlySpan<byte> json) => [.. Encoding.ASCII.GetBytes(Purpose), 0, .. json];

    private static byte[]? KeyOf(JsonElement root, string name) => Decode(PeerClaims.TextOf(root, name)) is { Length: Ed25519.PublicKeySize } key ? key : null;

    private static byte[]? Decode(string? text)
    {
        if (text is null or "" || !Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = new byte[text.Length];
        return Base64Url.TryDecodeFromChars(text, bytes, out var length) ? bytes[..length] : null;
    }
}
