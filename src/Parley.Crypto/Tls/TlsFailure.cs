using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Tls;

/// <summary>Turns what OpenSSL left in its error queue into one sentence for a person.</summary>
internal static class TlsFailure
{
    // Reasons of openssl/sslerr.h.
    private const int NoSuitableKeyShare = 101;
    private const int NoSuitableSignature = 118;
    private const int VerifyFailed = 134;
    private const int HttpsProxyRequest = 155;
    private const int HttpRequest = 156;
    private const int NoSharedCipher = 193;
    private const int NoCertificate = 199;
    private const int NoApplicationProtocol = 235;
    private const int UnsupportedProtocol = 258;
    private const int WrongVersionNumber = 267;
    private const int NoSharedSignatures = 376;
    private const int VersionTooLow = 396;
    private const int NoSharedGroups = 410;

    /// <summary>Reads the failure of the call that this thread just made, and empties the queue.</summary>
    /// <param name="ssl">The connection.</param>
    public static TlsException Read(SslHandle ssl)
    {
        var error = SslError.Take();
        if (error.Reason == VerifyFailed)
        {
            return PeerCheck.Explain(TlsCallbacks.FaultOf((int)LibSsl.GetVerifyResult(ssl).Value) ?? TlsFault.CertificateUnusable);
        }

        return error.Alert is { } alert ? TlsAlert.Explain(alert) : Explain(error.Reason);
    }

    /// <summary>A reason of OpenSSL's own side as an exception.</summary>
    internal static TlsException Explain(int reason)
    {
        var (fault, sentence) = reason switch
        {
            HttpRequest or HttpsProxyRequest => (TlsFault.NotTls, "The peer spoke plain HTTP: it must use https."),
            WrongVersionNumber => (TlsFault.NotTls, "The peer does not speak TLS on this port: check host and port, and that its certificate is set up."),
            UnsupportedProtocol or VersionTooLow => (TlsFault.OldVersion, "The peer does not speak TLS 1.3: its owner must update it, nothing older is spoken here."),
            NoCertificate => (TlsFault.CertificateMissing, "The peer showed no certificate, and one is demanded here: its owner must configure one."),
            NoApplicationProtocol => (TlsFault.NoCommonProtocol, "The peer offered none of the protocols that are spoken here: it may be another program than expected."),
            NoSharedCipher or NoSuitableKeyShare or NoSuitableSignature or NoSharedSignatures or NoSharedGroups =>
                (TlsFault.NoCommonParameters, "The peer has no TLS 1.3 suite, group or signature in common with us: it must take X25519 or P-256 and Ed25519 certificates."),
            _ => (TlsFault.Damaged, "The peer's TLS cannot be understood: something in between changes bytes, or the peer is faulty."),
        };
        return new TlsException(fault, sentence);
    }
}
