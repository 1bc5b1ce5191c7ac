using System.Text;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Rooms;

/// <summary>Something to say in a room.</summary>
/// <param name="Text">The text, with its marker.</param>
/// <param name="IsHuman">Whether a person wrote it.</param>
/// <param name="Id">Names this message, so that saying it again after a lost answer does not say it twice.</param>
public sealed record RoomMessage(string Text, bool IsHuman, string Id)
{
    /// <summary>Longest message in bytes of UTF-8: 1 MiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>A message with an id of its own.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: empty. <see cref="ErrorCode.MessageTooLarge"/>.</exception>
    public static RoomMessage Of(string text, bool isHuman, FillRandom random)
    {
        if (text.Length == 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The message is empty.");
        }

        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "A message in a room is at most 1 MiB.");
        }

        Span<byte> id = stackalloc byte[16];
        random(id);
        return new RoomMessage(text, isHuman, Convert.ToHexStringLower(id));
    }

    /// <summary>The size; content is not printed.</summary>
    public override string ToString() => $"RoomMessage({Text.Length} chars)";
}
