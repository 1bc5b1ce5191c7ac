using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.Gateway.ProtoJson;
using Parley.Gateway.Wire.V1;

namespace Parley.Gateway.Cards;

/// <summary>Signs agent cards and checks the signatures of others: JWS with detached payload over the canonical form of the 1.0 card without its signatures.</summary>
/// <remarks>
/// Empty members are left out of what is signed, as the common implementations do. Some of them escape what is not ASCII and disagree about such cards;
/// <see cref="IsPortable"/> tells whether every verifier will agree.
/// </remarks>
public static class CardSignature
{
    private const string Algorithm = "ES256";

    /// <summary>Adds a signature to a card.</summary>
    /// <param name="card">The card; older signatures stay.</param>
    /// <param name="key">A key on P-256.</param>
    /// <param name="keySetUrl">Where the key's set is fetched, null to leave it out.</param>
    public static void Add(AgentCard card, ECDsa key, Uri? keySetUrl)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("alg", Algorithm);
            writer.WriteString("typ", "JOSE");
            writer.WriteString("kid", Es256.PublicKey(key).Kid);
            if (keySetUrl is not null)
            {
                writer.WriteString("jku", keySetUrl.ToString());
            }

            writer.WriteEndObject();
        }

        var header = Base64Url.EncodeToString(buffer.WrittenSpan);
        var signature = Es256.Sign(key, SigningInput(header, Payload(card)));
        card.Signatures.Add(new AgentCardSignature { Protected = header, Signature = Base64Url.EncodeToString(signature) });
    }

    /// <summary>Whether one of a card's signatures is this key's.</summary>
    public static bool Verify(AgentCard card, ECDsa key)
    {
        var payload = Payload(card);
        return card.Signatures.Any(signature => Verify(signature, payload, key));
    }

    /// <summary>What a signature covers: the card in its canonical form.</summary>
    public static byte[] Payload(AgentCard card)
    {
        using var document = JsonDocument.Parse(Unsigned(card));
        return CanonicalJson.Write(document.RootElement, dropEmpty: true);
    }

    /// <summary>Whether every verifier agrees about the card: nothing but ASCII in it, and no required member empty.</summary>
    public static bool IsPortable(AgentCard card)
    {
        using var document = JsonDocument.Parse(Unsigned(card));
        var full = CanonicalJson.Write(document.RootElement);
        return Ascii.IsValid(full) && full.AsSpan().SequenceEqual(Payload(card));
    }

    private static ReadOnlyMemory<byte> Unsigned(AgentCard card)
    {
        var unsigned = card.Clone();
        unsigned.Signatures.Clear();
        return JsonDialect.V1.ToBytes(unsigned);
    }

    private static bool Verify(AgentCardSignature signature, byte[] payload, ECDsa key)
    {
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(signature.Protected));
            return header.RootElement.ValueKind == JsonValueKind.Object &&
                header.RootElement.TryGetProperty("alg", out var algorithm) && algorithm.ValueKind == JsonValueKind.String && algorithm.ValueEquals(Algorithm) &&
                !header.RootElement.TryGetProperty("crit", out _) &&
                Es256.Verify(key, SigningInput(signature.Protected, payload), Base64Url.DecodeFromChars(signature.Signature));
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            return false;
        }
    }

    private static byte[] SigningInput(string header, byte[] payload) => Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(payload)}");
}
