namespace Parley.Crypto.Tls;

/// <summary>The rule of every handshake, full or resumed: is the certificate that the peer showed the pinned one, and does it count now?</summary>
/// <param name="isPinned">Whether a certificate is pinned.</param>
/// <param name="skew">How far clocks may differ.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PeerCheck(Func<Ed25519Certificate, bool> isPinned, TimeSpan skew, TimeProvider timeProvider)
{
    /// <summary>What is wrong with it; null = nothing. The pin comes first: a stranger's dates are nobody's business.</summary>
    public TlsFault? Refuse(Ed25519Certificate certificate)
    {
        if (!isPinned(certificate))
        {
            return TlsFault.PinMismatch;
        }

        return certificate.ValidityAt(timeProvider.GetUtcNow(), skew) switch
        {
            CertificateValidity.Expired => TlsFault.CertificateExpired,
            CertificateValidity.NotYetValid => TlsFault.CertificateNotYetValid,
            _ => null,
        };
    }

    /// <summary>A refusal as an exception.</summary>
    public static TlsException Explain(TlsFault fault) => new(fault, fault switch
    {
        TlsFault.PinMismatch => "The peer's certificate is not the pinned one: it was replaced, or someone is in between. Compare the fingerprint with the peer's owner before you pin another.",
        TlsFault.CertificateExpired => "The peer's certificate has expired: its owner must make a new one, or this machine's clock is wrong.",
        TlsFault.CertificateNotYetValid => "The peer's certificate is not valid yet: this machine's clock or the peer's is wrong.",
        TlsFault.CertificateMissing => "The peer showed no certificate, and one is demanded here: its owner must configure one.",
        _ => "The peer's certificate cannot be used: its owner must make an Ed25519 certificate.",
    });
}
