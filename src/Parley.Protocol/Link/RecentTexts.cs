using System.Text;

namespace Parley.Protocol.Link;

/// <summary>The addresses and threads that one link read last, so that a text which comes again costs no new string.</summary>
/// <remarks>Used by one reader. It keeps few and short texts, and none before the first.</remarks>
internal sealed class RecentTexts
{
    private const int Slots = 8;

    private string[]? _slots;

    /// <summary>The string of ASCII bytes.</summary>
    public string Of(ReadOnlySpan<byte> ascii)
    {
        if (ascii.IsEmpty)
        {
            return string.Empty;
        }

        _slots ??= new string[Slots];
        ref var slot = ref _slots[ascii[^1] & (Slots - 1)];
        if (slot is null || !Ascii.Equals(ascii, slot))
        {
            slot = Encoding.ASCII.GetString(ascii);
        }

        return slot;
    }
}
