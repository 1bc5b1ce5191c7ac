using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>Where a page of a list ends. Its text belongs to one list: with other filters, or of another owner, it is refused.</summary>
/// <remarks>32 bytes in base64url, big endian: time of the status (8) | row (8) | the first 16 bytes of a SHA-256 over both and the list.</remarks>
/// <param name="StatusAtMs">The status of the last task, Unix milliseconds.</param>
/// <param name="Row">Its row.</param>
internal readonly record struct TaskCursor(long StatusAtMs, long Row)
{
    private const int NumbersSize = 16;
    private const int Size = 32;

    /// <summary>Reads a token.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: it is none of this list's.</exception>
    public static TaskCursor Parse(string text, TaskQuery list)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length == Base64Length && Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var written) && written == Size)
        {
            var cursor = new TaskCursor(BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]));
            if (cursor.ToText(list) == text)
            {
                return cursor;
            }
        }

        throw new ParleyException(ErrorCode.InvalidArgument, "The page token is none of this list's: begin again without one.") { Field = "pageToken" };
    }

    /// <summary>The token.</summary>
    public string ToText(TaskQuery list)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, StatusAtMs);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Row);
        var named = string.Create(CultureInfo.InvariantCulture, $"{StatusAtMs}\n{Row}\n{list.Owner.Text}\n{list.Agent}\n{(int)list.State}\n{list.AfterMs}\n{list.Context}");
        SHA256.HashData(Encoding.UTF8.GetBytes(named)).AsSpan(0, Size - NumbersSize).CopyTo(bytes[NumbersSize..]);
        return Base64Url.EncodeToString(bytes);
    }

    private static int Base64Length => Base64Url.GetEncodedLength(Size);
}
