using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Parley.Crypto.OpenSsl;

/// <summary>The few functions of libcrypto 3 that Parley calls, as <c>openssl/evp.h</c>, <c>x509.h</c>, <c>bio.h</c> and <c>err.h</c> declare them.</summary>
internal static unsafe partial class LibCrypto
{
    /// <summary><c>EVP_PKEY_X25519</c> of <c>openssl/obj_mac.h</c>.</summary>
    public const int X25519 = 1034;

    /// <summary><c>EVP_PKEY_ED25519</c> of <c>openssl/obj_mac.h</c>.</summary>
    public const int Ed25519 = 1087;

    // An explicit static constructor, so that the resolver is in place before the first call through this class.
    static LibCrypto() => OpenSslLibrary.Register();

    /// <summary>Turns OpenSSL's failure into an exception, and empties the thread's error queue, which the runtime's own TLS shares.</summary>
    /// <param name="isGood">What the call says.</param>
    /// <param name="what">The step, for the message.</param>
    public static void Check(bool isGood, string what)
    {
        if (!isGood)
        {
            ClearErrors();
            throw new CryptographicException($"OpenSSL refused: {what}.");
        }
    }

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "SHA256_Init")]
    public static partial int Sha256Init(byte* context);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "SHA256_Update")]
    public static partial int Sha256Update(byte* context, byte* bytes, nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "SHA256_Final")]
    public static partial int Sha256Final(byte* hash, byte* context);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ERR_get_error")]
    public static partial CULong NextError();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_s_mem")]
    public static partial nint MemoryBio();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_new")]
    public static partial nint NewBio(nint method);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_write")]
    public static partial int WriteBio(nint bio, byte* source, int length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_read")]
    public static partial int ReadBio(nint bio, byte* destination, int length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_ctrl_pending")]
    public static partial nuint PendingInBio(nint bio);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_free")]
    public static partial void FreeCertificate(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "i2d_X509")]
    public static partial int WriteCertificate(nint certificate, byte** der);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_STORE_CTX_get0_cert")]
    public static partial nint GetCertificateToVerify(nint storeContext);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_STORE_CTX_set_error")]
    public static partial void SetVerifyError(nint storeContext, int error);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    public static partial EvpKeyHandle NewPrivateKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    public static partial EvpKeyHandle NewPublicKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_get_raw_private_key")]
    public static partial int GetPrivateKey(EvpKeyHandle key, byte* destination, ref nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    public static partial int GetPublicKey(EvpKeyHandle key, byte* destination, ref nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_get_id")]
    public static partial int GetKeyType(EvpKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "d2i_AutoPrivateKey")]
    public static partial EvpKeyHandle ReadPrivateKey(nint reuse, ref byte* der, CLong length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_MD_CTX_new")]
    public static partial DigestContextHandle NewDigestContext();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_MD_CTX_free")]
    public static partial void FreeDigestContext(nint context);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_DigestSignInit")]
    public static partial int BeginSign(DigestContextHandle context, nint keyContext, nint digest, nint engine, EvpKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_DigestSign")]
    public static partial int Sign(DigestContextHandle context, byte* signature, ref nuint signatureLength, byte* data, nuint dataLength);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_DigestVerifyInit")]
    public static partial int BeginVerify(DigestContextHandle context, nint keyContext, nint digest, nint engine, EvpKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_DigestVerify")]
    public static partial int Verify(DigestContextHandle context, byte* signature, nuint signatureLength, byte* data, nuint dataLength);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_CTX_new")]
    public static partial KeyContextHandle NewKeyContext(EvpKeyHandle key, nint engine);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_CTX_free")]
    public static partial void FreeKeyContext(nint context);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_derive_init")]
    public static partial int BeginDerive(KeyContextHandle context);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_derive_set_peer")]
    public static partial int SetPeer(KeyContextHandle context, EvpKeyHandle peer);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_derive")]
    public static partial int Derive(KeyContextHandle context, byte* destination, ref nuint length);
}
