using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>The one rule of the handshake: the peer's certificate has one of the hashes that were told beforehand. No authority, name or date counts.</summary>
/// <param name="expected">The hashes; their length says by which algorithm.</param>
internal sealed unsafe class FingerprintCheck(IReadOnlyList<ReadOnlyMemory<byte>> expected)
{
    // X509_V_ERR_ numbers of openssl/x509_vfy.h; the first becomes the alert bad_certificate.
    private const int Rejected = 28;
    private const int Unspecified = 1;
    private const int MaxCertificate = 16 << 10;

    /// <summary>What the peer showed, DER; null = nothing yet.</summary>
    public byte[]? Shown { get; private set; }

    /// <summary>What it showed is expected.</summary>
    public bool IsGood { get; private set; }

    /// <summary>Has OpenSSL ask this rule, in place of its own.</summary>
    public static void Register(SslContextHandle context, FingerprintCheck check) => LibSsl.SetVerifier(context, &Verify, context.Attach(check));

    private void Look(nint certificate)
    {
        IsGood = false;
        var length = certificate == 0 ? 0 : LibCrypto.WriteCertificate(certificate, null);
        if (length is <= 0 or > MaxCertificate)
        {
            return;
        }

        var der = new byte[length];
        fixed (byte* start = der)
        {
            var next = start;
            LibCrypto.Check(LibCrypto.WriteCertificate(certificate, &next) == length, "reading the peer's certificate");
        }

        Shown = der;
        foreach (var one in expected)
        {
            var hash = one.Length switch { SHA256.HashSizeInBytes => SHA256.HashData(der), SHA384.HashSizeInBytes => SHA384.HashData(der), _ => SHA512.HashData(der) };
            IsGood |= CryptographicOperations.FixedTimeEquals(hash, one.Span);
        }
    }

    // Nothing may be thrown into OpenSSL, so every failure is a refusal.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Verify(nint storeContext, nint argument)
    {
        var isGood = false;
        try
        {
            var check = (FingerprintCheck)GCHandle.FromIntPtr(argument).Target!;
            check.Look(LibCrypto.GetCertificateToVerify(storeContext));
            isGood = check.IsGood;
        }
        catch (Exception)
        {
            LibCrypto.SetVerifyError(storeContext, Unspecified);
            return 0;
        }

        LibCrypto.SetVerifyError(storeContext, isGood ? 0 : Rejected);
        return isGood ? 1 : 0;
    }
}
