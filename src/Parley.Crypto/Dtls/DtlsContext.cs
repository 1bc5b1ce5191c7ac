using System.Runtime.InteropServices;
using System.Text;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>Sets OpenSSL up as WebRTC wants DTLS (RFC 8827, section 6.5): version 1.2, AEAD with ephemeral keys, both ends with certificates, nothing resumed or negotiated anew.</summary>
internal static unsafe class DtlsContext
{
    private const int MaxCertificateBytes = 16 << 10;

    private const string Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

    private const string Groups = "X25519:P-256:P-384";

    private const string Signatures =
        "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512";

    /// <summary>Makes the context of one connection.</summary>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static SslContextHandle Make(DtlsCertificate certificate, FingerprintCheck check)
    {
        LibCrypto.ClearErrors();
        var handle = LibSsl.NewContext(LibDtls.Method());
        try
        {
            LibCrypto.Check(!handle.IsInvalid, "making a DTLS context");
            LibCrypto.Check(Control(handle, LibSsl.SetMinVersion, LibDtls.Version12) && Control(handle, LibSsl.SetMaxVersion, LibDtls.Version12), "DTLS 1.2");
            LibDtls.SetOptions(handle, LibDtls.NoQueryMtu | LibDtls.NoTicket | LibDtls.NoCompression | LibDtls.NoRenegotiation | LibDtls.ServerPreference);
            fixed (byte* ciphers = Text(Ciphers), groups = Text(Groups), signatures = Text(Signatures))
            {
                LibCrypto.Check(LibDtls.SetCiphers(handle, ciphers) == 1, "the suites of DTLS");
                LibCrypto.Check(Control(handle, LibDtls.SetGroups, 0, groups), "the groups of DTLS");
                LibCrypto.Check(Control(handle, LibSsl.SetSignatures, 0, signatures) && Control(handle, LibSsl.SetClientSignatures, 0, signatures), "the signatures of DTLS");
            }

            Control(handle, LibSsl.SetCacheMode, 0);
            Control(handle, LibSsl.SetMaxCertificates, MaxCertificateBytes);
            LibSsl.SetVerify(handle, LibSsl.VerifyPeer | LibSsl.FailWithoutCertificate, 0);
            FingerprintCheck.Register(handle, check);
            Show(handle, certificate);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void Show(SslContextHandle handle, DtlsCertificate certificate)
    {
        var der = certificate.Der.Span;
        fixed (byte* start = der)
        {
            LibCrypto.Check(LibSsl.UseCertificate(handle, der.Length, start) == 1, "our certificate");
        }

        LibCrypto.Check(LibSsl.UseKey(handle, certificate.Key) == 1, "our certificate's key");
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text + '\0');

    private static bool Control(SslContextHandle handle, int command, int number, byte* text = null) =>
        LibSsl.ControlContext(handle, command, new CLong(number), text).Value == 1;
}
