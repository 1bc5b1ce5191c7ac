using System.Text;
using Parley.Crypto;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>The signature that peers of other make put at the end of a text: <c>[sig:SECONDS:BASE64]</c> after one space.</summary>
/// <remarks>
/// Signed: sender, receiver, seconds and text, joined by <c>|</c>. Their verifier trims white space from the text's end, so that is what we sign; what came with more is taken as it was signed.
/// </remarks>
internal static class TextTag
{
    private const string Begin = "[sig:";
    private const string End = "]";

    /// <summary>A text with its tag.</summary>
    public static string Append(string text, Ed25519Key key, string sender, string receiver, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        return $"{text} {Begin}{seconds}:{Convert.ToBase64String(key.Sign(Build(sender, receiver, seconds, text.TrimEnd())))}{End}";
    }

    /// <summary>Looks for a tag at the end of a text.</summary>
    /// <param name="text">The text as it came.</param>
    /// <param name="publicKey">The sender's key; empty where none is known: then no tag is right.</param>
    /// <param name="sender">Who says it.</param>
    /// <param name="receiver">To whom.</param>
    /// <param name="now">The time.</param>
    /// <param name="signed">The text that was signed, when the tag is right.</param>
    public static TextTagState Check(string text, ReadOnlySpan<byte> publicKey, string sender, string receiver, DateTimeOffset now, out string signed)
    {
        signed = text;
        var start = text.LastIndexOf(Begin, StringComparison.Ordinal);
        if (start < 0 || !text.EndsWith(End, StringComparison.Ordinal))
        {
            return TextTagState.Absent;
        }

        var inner = text[(start + Begin.Length)..^End.Length];
        var colon = inner.IndexOf(':');
        var signature = new byte[Ed25519.SignatureSize];
        if (colon <= 0 || !long.TryParse(inner.AsSpan(0, colon), System.Globalization.NumberStyles.None, null, out var seconds) ||
            !Convert.TryFromBase64String(inner[(colon + 1)..], signature, out var length) || length != signature.Length ||
            publicKey.Length != Ed25519.PublicKeySize || Math.Abs(now.ToUnixTimeSeconds() - seconds) > AbtarsSignature.MaxSkew)
        {
            return TextTagState.Wrong;
        }

        var before = text[..start];
        var whole = before.EndsWith(' ') ? before[..^1] : before;
        foreach (var candidate in new[] { whole, whole.TrimEnd() })
        {
            if (Ed25519.Verify(publicKey, Build(sender, receiver, seconds, candidate), signature))
            {
                signed = candidate;
                return TextTagState.Right;
            }
        }

        return TextTagState.Wrong;
    }

    private static byte[] Build(string sender, string receiver, long seconds, string text) => Encoding.UTF8.GetBytes($"{sender}|{receiver}|{seconds}|{text}");
}

/// <summary>What stands at the end of a text.</summary>
internal enum TextTagState
{
    /// <summary>No tag.</summary>
    Absent,

    /// <summary>The sender's tag for this text, for us, of now.</summary>
    Right,

    /// <summary>Any other.</summary>
    Wrong,
}
