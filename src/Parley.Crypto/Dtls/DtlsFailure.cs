using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>Turns what OpenSSL left in its error queue into a fault and one sentence for a person.</summary>
internal static class DtlsFailure
{
    /// <summary>Reads the failure of the call that this thread just made, and empties the queue.</summary>
    /// <param name="check">What the peer showed.</param>
    public static (DtlsFault Fault, string Sentence) Read(FingerprintCheck check)
    {
        var error = SslError.Take();
        var fault = error.Alert is { } alert ? OfAlert(alert) : OfReason(error.Reason, check);
        return (fault, Explain(fault));
    }

    /// <summary>A fault in words.</summary>
    public static string Explain(DtlsFault fault) => fault switch
    {
        DtlsFault.OtherCertificate => "The peer showed another certificate in DTLS than the one whose fingerprint was signalled: somebody is in between.",
        DtlsFault.CertificateMissing => "The peer showed no certificate in DTLS.",
        DtlsFault.CertificateRejected => "The peer refused our certificate in DTLS: it was told another fingerprint, or somebody is in between.",
        DtlsFault.OldVersion => "The peer does not speak DTLS 1.2: its owner must update it, nothing older is spoken here.",
        DtlsFault.NoCommonParameters => "The peer has no DTLS 1.2 suite, group or signature in common with us, or does not know the extended master secret.",
        DtlsFault.NoAnswer => "The peer does not answer the DTLS handshake.",
        DtlsFault.PeerFailed => "The peer gave up the DTLS connection.",
        _ => "The peer's DTLS cannot be understood: something in between changes bytes, or the peer is faulty.",
    };

    // Reasons of openssl/sslerr.h.
    private static DtlsFault OfReason(int reason, FingerprintCheck check) => reason switch
    {
        134 => check.Shown is null ? DtlsFault.Damaged : DtlsFault.OtherCertificate,
        199 => DtlsFault.CertificateMissing,
        258 or 259 or 266 or 267 or 396 => DtlsFault.OldVersion,
        118 or 193 or 376 or 378 or 410 => DtlsFault.NoCommonParameters,
        312 => DtlsFault.NoAnswer,
        _ => DtlsFault.Damaged,
    };

    // Numbers of RFC 5246, section 7.2, and RFC 8446, section 6.
    private static DtlsFault OfAlert(int number) => number switch
    {
        41 or 42 or 43 or 44 or 45 or 46 or 48 or 49 => DtlsFault.CertificateRejected,
        40 or 71 or 86 or 109 => DtlsFault.NoCommonParameters,
        70 => DtlsFault.OldVersion,
        10 or 20 or 21 or 22 or 47 or 50 or 51 => DtlsFault.Damaged,
        _ => DtlsFault.PeerFailed,
    };
}
