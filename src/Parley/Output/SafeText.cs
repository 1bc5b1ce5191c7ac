using System.Buffers;
using System.Globalization;
using System.Text;

namespace Parley.Output;

/// <summary>Makes text that others wrote harmless for a terminal: whatever would steer it, or hide or reorder letters, is shown as a visible escape.</summary>
/// <remarks>
/// Shown as <c>\x1b</c>: C0 but newline and tab (carriage return too: it overwrites what was printed), DEL, C1, and bytes that are not UTF-8. Without ESC no sequence works,
/// OSC 52 included. Shown as <c>\u{202e}</c>: bidirectional controls, zero-width space, word joiner, byte order mark, line and paragraph separators and Unicode tags.
/// Zero-width joiner and non-joiner pass: emoji and several scripts need them, and they move nothing. Pieces may be cut anywhere; a character is judged when it is whole.
/// </remarks>
internal sealed class SafeText
{
    private readonly byte[] _pending = new byte[4];
    private int _pendingCount;

    /// <summary>A whole text made safe.</summary>
    public static string Clean(string text)
    {
        StringBuilder? clean = null;
        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsSafe(rune))
            {
                clean ??= new StringBuilder(text, 0, index, text.Length + 16);
                clean.Append(Escape(rune));
            }
            else
            {
                clean?.Append(rune);
            }

            index += rune.Utf16SequenceLength;
        }

        return clean?.ToString() ?? text;
    }

    /// <summary>A whole text made safe, and one line: nobody puts words into another's mouth by a line break.</summary>
    public static string Line(string text) => Clean(text.ReplaceLineEndings(" "));

    /// <summary>A JSON text with every letter escaped that would steer a terminal or hide on it; to a reader of JSON it is the same text.</summary>
    /// <remarks>Outside of strings JSON has none of these letters, so the escape always stands where one may stand.</remarks>
    public static string EscapeJson(string json)
    {
        StringBuilder? clean = null;
        Span<char> units = stackalloc char[2];
        var index = 0;
        foreach (var rune in json.EnumerateRunes())
        {
            if (!IsSafe(rune))
            {
                clean ??= new StringBuilder(json, 0, index, json.Length + 16);
                foreach (var unit in units[..rune.EncodeToUtf16(units)])
                {
                    clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                }
            }
            else
            {
                clean?.Append(rune);
            }

            index += rune.Utf16SequenceLength;
        }

        return clean?.ToString() ?? json;
    }

    /// <summary>Makes the next piece safe; the start of a cut character waits for the piece after it.</summary>
    public void Write(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        while (_pendingCount > 0 && bytes.Length > 0)
        {
            _pending[_pendingCount++] = bytes[0];
            bytes = bytes[1..];
            DecidePending(output);
        }

        while (bytes.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                bytes.CopyTo(_pending);
                _pendingCount = bytes.Length;
                return;
            }

            Emit(status, rune, bytes[..consumed], output);
            bytes = bytes[consumed..];
        }
    }

    /// <summary>Writes what a cut character left, as escapes.</summary>
    public void Flush(IBufferWriter<byte> output)
    {
        EmitBytes(_pending.AsSpan(0, _pendingCount), output);
        _pendingCount = 0;
    }

    // The pending bytes are a valid start; one more byte completes it, prolongs it, or shows that it was none.
    private void DecidePending(IBufferWriter<byte> output)
    {
        while (_pendingCount > 0)
        {
            var status = Rune.DecodeFromUtf8(_pending.AsSpan(0, _pendingCount), out var rune, out var consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                return;
            }

            Emit(status, rune, _pending.AsSpan(0, consumed), output);
            _pending.AsSpan(consumed, _pendingCount - consumed).CopyTo(_pending);
            _pendingCount -= consumed;
        }
    }

    private static void Emit(OperationStatus status, Rune rune, ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        if (status != OperationStatus.Done)
        {
            EmitBytes(bytes, output);
        }
        else if (IsSafe(rune))
        {
            output.Write(bytes);
        }
        else
        {
            output.Write(Encoding.ASCII.GetBytes(Escape(rune)));
        }
    }

    private static void EmitBytes(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        foreach (var one in bytes)
        {
            output.Write(Encoding.ASCII.GetBytes($"\\x{one:x2}"));
        }
    }

    private static bool IsSafe(Rune rune) => rune.Value switch
    {
        '\n' or '\t' => true,
        < 0x20 or (>= 0x7f and <= 0x9f) => false,
        0x061c or 0x180e or 0x200b or 0x200e or 0x200f or 0xfeff => false,
        (>= 0x2028 and <= 0x202e) or (>= 0x2060 and <= 0x206f) => false,
        (>= 0xfff9 and <= 0xfffb) or (>= 0xe0000 and <= 0xe007f) => false,
        _ => true,
    };

    private static string Escape(Rune rune) => rune.Value <= 0xff
        ? string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}")
        : string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
}
