using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;

namespace Parley.Gateway.ProtoJson;

/// <summary>Strings out of a reader. Bytes that are no UTF-8 and halves of surrogate pairs are an error of the text, not of the program.</summary>
internal static class JsonText
{
    /// <summary>What a text that is not JSON is answered with.</summary>
    public const string NotJson = "The text is not valid JSON, or is nested too deeply.";

    /// <summary>The string that the reader stands at.</summary>
    public static string Read(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new ParleyException(ErrorCode.JsonInvalid, NotJson, exception);
        }
    }

    /// <summary>Copies the string that the reader stands at; its length in characters.</summary>
    public static int Copy(ref Utf8JsonReader reader, scoped Span<char> target)
    {
        try
        {
            return reader.CopyString(target);
        }
        catch (InvalidOperationException exception)
        {
            throw new ParleyException(ErrorCode.JsonInvalid, NotJson, exception);
        }
    }

    /// <summary>Bytes from base64, of either alphabet, with padding or without.</summary>
    public static bool TryBase64(string text, out byte[] bytes)
    {
        var standard = new StringBuilder(text).Replace('-', '+').Replace('_', '/').ToString().TrimEnd('=');
        bytes = new byte[standard.Length * 3 / 4 + 3];
        var isGood = standard.Length % 4 != 1 &&
            Convert.TryFromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='), bytes, out var written) &&
            Shorten(ref bytes, written);
        return isGood;
    }

    private static bool Shorten(ref byte[] bytes, int length)
    {
        Array.Resize(ref bytes, length);
        return true;
    }
}
