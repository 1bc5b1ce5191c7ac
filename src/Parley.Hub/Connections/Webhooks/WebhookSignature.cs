using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>Signs and verifies as Standard Webhooks 1.0 says: HMAC-SHA256 over <c>id.timestamp.body</c>, one <c>v1,BASE64</c> for each secret, spaces between them. Pure.</summary>
internal static class WebhookSignature
{
    /// <summary>The header that carries the message's id; the same over all attempts.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header that carries the time of the attempt, Unix seconds.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header that carries the signatures.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string Version = "v1,";
    private const int MaxSignatures = 16;
    private static readonly TimeSpan _tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The header's value.</summary>
    /// <param name="secrets">The secrets that are good now, newest first.</param>
    /// <param name="id">The message's id; without dots.</param>
    /// <param name="at">The time of this attempt.</param>
    /// <param name="body">The bytes that are sent.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        var signed = Signed(id, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), body);
        return string.Join(' ', secrets.Select(secret => Version + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }

    /// <summary>Refuses what none of the secrets signed, or what was signed more than five minutes from now.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Unauthenticated"/>, always in the same words.</exception>
    public static void Verify(IReadOnlyList<byte[]> secrets, string id, string timestamp, string signatures, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        if (id.Length == 0 || id.Contains('.') || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ||
            Math.Abs(now.ToUnixTimeSeconds() - seconds) > _tolerance.TotalSeconds || !IsSigned(secrets, Signed(id, timestamp, body), signatures))
        {
            throw new ParleyException(ErrorCode.Unauthenticated, "The signature is missing, wrong or too old.");
        }
    }

    private static bool IsSigned(IReadOnlyList<byte[]> secrets, byte[] signed, string signatures)
    {
        var isSigned = false;
        foreach (var given in signatures.Split(' ', MaxSignatures + 1).Take(MaxSignatures).Where(given => given.StartsWith(Version, StringComparison.Ordinal)))
        {
            var bytes = new byte[given.Length];
            if (Convert.TryFromBase64String(given[Version.Length..], bytes, out var length))
            {
                foreach (var secret in secrets)
                {
                    isSigned |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(secret, signed), bytes.AsSpan(0, length));
                }
            }
        }

        return isSigned;
    }

    private static byte[] Signed(string id, string timestamp, ReadOnlySpan<byte> body) => [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
}
