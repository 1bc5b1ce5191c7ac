using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Tls;

/// <summary>Takes a certificate out of OpenSSL's hands.</summary>
internal static unsafe class PeerCertificate
{
    /// <summary>Reads an <c>X509</c>, which stays OpenSSL's.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.CertificateUnusable"/>.</exception>
    public static Ed25519Certificate Read(nint certificate)
    {
        var length = certificate == 0 ? 0 : LibCrypto.WriteCertificate(certificate, null);
        if (length is <= 0 or > Ed25519Certificate.MaxBytes)
        {
            throw PeerCheck.Explain(TlsFault.CertificateUnusable);
        }

        // Little enough for the stack in all but strange cases; OpenSSL writes exactly what it said.
        Span<byte> der = length <= 2048 ? stackalloc byte[length] : new byte[length];
        fixed (byte* start = der)
        {
            var next = start;
            LibCrypto.Check(LibCrypto.WriteCertificate(certificate, &next) == length, "reading the peer's certificate");
        }

        return Ed25519Certificate.Read(der);
    }

    /// <summary>The certificate that the peer of a connection showed, in this handshake or in the one that is resumed; null when none.</summary>
    public static Ed25519Certificate? Of(SslHandle ssl)
    {
        var certificate = LibSsl.GetPeerCertificate(ssl);
        if (certificate == 0)
        {
            return null;
        }

        try
        {
            return Read(certificate);
        }
        finally
        {
            LibCrypto.FreeCertificate(certificate);
        }
    }
}
