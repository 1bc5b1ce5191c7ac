using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Identity;

/// <summary>How the hub's own secrets and ids look, and how a secret is kept: as its SHA-256, since 160 random bits need no salt.</summary>
internal static class Secrets
{
    /// <summary>Starts an API key.</summary>
    public const string ApiKeyPrefix = "pk_";

    /// <summary>Starts the admin key.</summary>
    public const string AdminKeyPrefix = "ak_";

    /// <summary>Starts a join token.</summary>
    public const string JoinTokenPrefix = "jt_";

    /// <summary>Starts the secret of an invite.</summary>
    public const string InvitePrefix = "iv_";

    // 160 bits, 5 a character.
    private const int SecretLength = 32;
    private const int IdLength = 10;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>A fresh secret of 160 bits behind its prefix.</summary>
    public static string Make(string prefix, FillRandom fill) => prefix + Text(SecretLength, fill);

    /// <summary>A fresh id, which is no secret.</summary>
    public static string MakeId(string prefix, FillRandom fill) => prefix + Text(IdLength, fill);

    /// <summary>What is stored of a secret.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>Compares two hashes in a time that tells nothing.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => CryptographicOperations.FixedTimeEquals(left, right);

    private static string Text(int length, FillRandom fill)
    {
        var random = new byte[length];
        fill(random);
        return string.Create(length, random, static (text, bytes) =>
        {
            for (var index = 0; index < text.Length; index++)
            {
                text[index] = Alphabet[bytes[index] & 31];
            }
        });
    }
}
