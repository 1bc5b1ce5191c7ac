using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Hub.Rooms;

/// <summary>What is remembered of a token, a code or a room's name: the first 128 bits of its SHA-256. Finding by it tells nothing by its time, and memory holds no secret.</summary>
/// <param name="High">The first 64 bits.</param>
/// <param name="Low">The next 64 bits.</param>
internal readonly record struct SecretHash(ulong High, ulong Low)
{
    // Longer than any of ours; what is longer yet is not hashed.
    private const int MaxLength = 128;

    /// <summary>The hash of a secret.</summary>
    public static SecretHash Of(string secret)
    {
        if (secret.Length > MaxLength)
        {
            return default;
        }

        Span<byte> text = stackalloc byte[MaxLength * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(secret, text)], hash);
        return new SecretHash(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }
}
