using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Parley.WebRtc.Sdp;

/// <summary>The hash of a certificate that DTLS must show (RFC 8122): <c>sha-256 AB:CD:...</c>.</summary>
/// <param name="Algorithm">sha-256, sha-384 or sha-512.</param>
/// <param name="Hex">The hash, upper case, bytes parted by colons.</param>
public sealed record SdpFingerprint(string Algorithm, string Hex)
{
    /// <summary>That of a certificate, with SHA-256.</summary>
    /// <param name="certificate">Its DER bytes.</param>
    public static SdpFingerprint Of(ReadOnlySpan<byte> certificate) =>
        new("sha-256", string.Join(':', SHA256.HashData(certificate).Select(one => one.ToString("X2", CultureInfo.InvariantCulture))));

    /// <summary>The certificate has this hash.</summary>
    /// <param name="certificate">Its DER bytes.</param>
    public bool Matches(ReadOnlySpan<byte> certificate)
    {
        var hash = Algorithm switch
        {
            "sha-256" => SHA256.HashData(certificate),
            "sha-384" => SHA384.HashData(certificate),
            _ => SHA512.HashData(certificate),
        };
        return CryptographicOperations.FixedTimeEquals(hash, ToBytes());
    }

    /// <summary>The hash: 32, 48 or 64 bytes.</summary>
    public byte[] ToBytes() => Convert.FromHexString(Hex.Replace(":", string.Empty, StringComparison.Ordinal));

    /// <summary>Reads the value of <c>a=fingerprint</c>. Weaker hashes are none: whoever sends them sends a better one as well, or is not trusted.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SdpFingerprint? fingerprint)
    {
        ArgumentNullException.ThrowIfNull(text);
        fingerprint = null;
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var name, var hex])
        {
            return false;
        }

        var algorithm = name.ToLowerInvariant();
        var size = algorithm switch { "sha-256" => 32, "sha-384" => 48, "sha-512" => 64, _ => 0 };
        if (size == 0 || hex.Length != (size * 3) - 1)
        {
            return false;
        }

        for (var index = 0; index < hex.Length; index++)
        {
            if (index % 3 == 2 ? hex[index] != ':' : !char.IsAsciiHexDigit(hex[index]))
            {
                return false;
            }
        }

        fingerprint = new SdpFingerprint(algorithm, hex.ToUpperInvariant());
        return true;
    }

    /// <summary>As it stands behind <c>a=fingerprint:</c>.</summary>
    public override string ToString() => $"{Algorithm} {Hex}";
}
