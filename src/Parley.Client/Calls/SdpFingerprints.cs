using System.Security.Cryptography;
using Parley.Protocol.Errors;
using Parley.WebRtc.Sdp;

namespace Parley.Client.Calls;

/// <summary>Holds the session descriptions of a browser against the certificate that was signed: whoever changed a description on its way, or put another browser in place, is found here.</summary>
internal static class SdpFingerprints
{
    /// <summary>Longest description, in characters.</summary>
    public const int MaxLength = 24 << 10;

    private const string Line = "a=fingerprint:";
    private const string Algorithm = "sha-256";

    /// <summary>Refuses a description unless every certificate in it is the one that was signed, and there is at least one.</summary>
    /// <param name="sdp">The description (RFC 8866, RFC 8122).</param>
    /// <param name="signed">SHA-256 of the certificate, 32 bytes.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.PeerProof"/>.</exception>
    public static void Check(string sdp, ReadOnlySpan<byte> signed)
    {
        if (sdp.Length > MaxLength)
        {
            throw new ParleyException(ErrorCode.MessageTooLarge, "The description of a call is too long.");
        }

        var count = 0;
        foreach (var line in sdp.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Line, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (!TryRead(line[Line.Length..].ToString(), out var hash) || !CryptographicOperations.FixedTimeEquals(hash, signed))
            {
                throw Refused();
            }

            count++;
        }

        if (count == 0)
        {
            throw Refused();
        }
    }

    /// <summary>A fingerprint as browsers write it: 32 pairs of hex digits with colons between them.</summary>
    public static bool TryParse(string text, out byte[] hash) => TryRead($"{Algorithm} {text}", out hash);

    private static bool TryRead(string value, out byte[] hash)
    {
        var isOurs = SdpFingerprint.TryParse(value, out var fingerprint) && fingerprint.Algorithm == Algorithm;
        hash = isOurs ? fingerprint!.ToBytes() : [];
        return isOurs;
    }

    private static ParleyException Refused() => new(ErrorCode.PeerProof, "A description of the call names another certificate than the one that was signed. Somebody changed it on the way, or sits in between.");
}
