using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Connections.Webhooks;

/// <summary>The key of one endpoint's signatures, in the form of Standard Webhooks: <c>whsec_</c> and the base64 of 24 to 64 random bytes.</summary>
internal static class WebhookSecret
{
    /// <summary>How its text begins.</summary>
    public const string Prefix = "whsec_";

    private const int MadeBytes = 32;
    private const int MinBytes = 24;
    private const int MaxBytes = 64;

    /// <summary>Makes one.</summary>
    public static string Make(FillRandom fill)
    {
        Span<byte> key = stackalloc byte[MadeBytes];
        fill(key);
        return Prefix + Convert.ToBase64String(key);
    }

    /// <summary>The bytes that sign.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/> for what is none.</exception>
    public static byte[] Read(string text)
    {
        var bytes = new byte[MaxBytes + 3];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length is >= MinBytes and <= MaxBytes
            ? bytes[..length]
            : throw new ParleyException(ErrorCode.InvalidArgument, $"A signing secret is {Prefix} and the base64 of {MinBytes} to {MaxBytes} bytes.") { Field = "secret" };
    }
}
