namespace Parley.Crypto.Tls;

/// <summary>What the one-byte alert that a peer sends instead of going on means to the person who reads the error (RFC 8446, section 6).</summary>
internal static class TlsAlert
{
    /// <summary>The alert as an exception.</summary>
    /// <param name="number">AlertDescription, 0 to 255.</param>
    public static TlsException Explain(int number)
    {
        var (fault, sentence) = Meaning(number);
        return new TlsException(fault, $"{sentence} (TLS alert {number}).");
    }

    private static (TlsFault Fault, string Sentence) Meaning(int number) => number switch
    {
        10 or 47 or 50 or 51 or 109 or 110 => (TlsFault.Damaged, "The peer could not make sense of what it received from us: something in between changes bytes, or one side is faulty"),
        20 or 21 or 22 => (TlsFault.Damaged, "The peer received a damaged record: something in between changes bytes"),
        40 or 71 => (TlsFault.NoCommonParameters, "The peer found no TLS 1.3 suite, group or signature in common: both sides must take X25519 or P-256 and Ed25519 certificates"),
        42 or 46 or 48 or 49 => (TlsFault.CertificateRejected, "The peer refused our certificate: its owner must pin the certificate that we use now"),
        43 => (TlsFault.CertificateRejected, "The peer does not take Ed25519 certificates"),
        44 => (TlsFault.CertificateRejected, "The peer has revoked our certificate: make a new one and hand it over"),
        45 => (TlsFault.CertificateRejected, "The peer says that our certificate has expired: make a new one and hand it over, or set the clock right"),
        70 or 86 => (TlsFault.OldVersion, "The peer does not speak TLS 1.3: its owner must update it, nothing older is spoken here"),
        116 => (TlsFault.CertificateRequired, "The peer demands a certificate and none is configured here"),
        120 => (TlsFault.NoCommonProtocol, "The peer speaks none of the protocols that were offered: it may be another program than expected"),
        _ => (TlsFault.PeerFailed, "The peer gave up"),
    };
}
