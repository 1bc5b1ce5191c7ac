using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Protocol.Messaging;

/// <summary>An envelope's id in 32 bytes, so that tables of thousands hold no text: an id that fits stands in it as it is, a longer one by its SHA-256.</summary>
/// <remarks>The two never meet: characters of an id are ASCII, and the first byte of a hash has its top bit set.</remarks>
public readonly record struct MessageKey(ulong A, ulong B, ulong C, ulong D)
{
    private const int Size = 32;

    /// <summary>The key of an id.</summary>
    public static MessageKey Of(string id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (id.Length > Size || !Ascii.IsValid(id))
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(id), bytes);
            bytes[0] |= 0x80;
        }
        else
        {
            Ascii.FromUtf16(id, bytes, out var written);
            bytes[written..].Clear();
        }

        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        return new MessageKey(words[0], words[1], words[2], words[3]);
    }

    /// <summary>The id; null when only its hash stands here.</summary>
    public string? Text
    {
        get
        {
            Span<ulong> words = [A, B, C, D];
            var bytes = MemoryMarshal.AsBytes(words);
            return bytes[0] >= 0x80 ? null : Encoding.ASCII.GetString(bytes).TrimEnd('\0');
        }
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(A, B, C, D);
}
