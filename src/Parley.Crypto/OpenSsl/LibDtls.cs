using System.Runtime.InteropServices;

namespace Parley.Crypto.OpenSsl;

/// <summary>What only DTLS needs of libssl and libcrypto, as <c>openssl/ssl.h</c>, <c>dtls1.h</c> and <c>bio.h</c> declare it.</summary>
internal static unsafe partial class LibDtls
{
    // Commands of SSL_ctrl and SSL_CTX_ctrl.
    public const int SetMtu = 17;
    public const int GetTimeout = 73;
    public const int HandleTimeout = 74;
    public const int SetGroups = 92;
    public const int GetExtendedMasterSecret = 122;

    /// <summary><c>DTLS1_2_VERSION</c>.</summary>
    public const int Version12 = 0xFEFD;

    // Bits of SSL_CTX_set_options.
    public const ulong NoQueryMtu = 1UL << 12;
    public const ulong NoTicket = 1UL << 14;
    public const ulong NoCompression = 1UL << 17;
    public const ulong ServerPreference = 1UL << 22;
    public const ulong NoRenegotiation = 1UL << 30;

    // What a BIO is, says and is asked.
    public const int SourceSink = 0x0400;
    public const int ShouldRetryRead = 0x09;
    public const int RetryFlags = 0x0F;
    public const int Flush = 11;
    public const int SetNextTimeout = 45;

    static LibDtls() => OpenSslLibrary.Register();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "DTLS_method")]
    public static partial nint Method();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong SetOptions(SslContextHandle context, ulong options);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_cipher_list")]
    public static partial int SetCiphers(SslContextHandle context, byte* list);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_ctrl")]
    public static partial CLong Control(SslHandle ssl, int command, CLong number, void* argument);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "DTLS_set_timer_cb")]
    public static partial void SetTimer(SslHandle ssl, delegate* unmanaged[Cdecl]<nint, uint, uint> timer);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_rbio")]
    public static partial nint GetInput(nint ssl);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_get_new_index")]
    public static partial int NewBioType();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_new")]
    public static partial nint NewBioMethod(int type, byte* name);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_write")]
    public static partial int SetWrite(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> write);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_read")]
    public static partial int SetRead(nint method, delegate* unmanaged[Cdecl]<nint, byte*, int, int> read);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_ctrl")]
    public static partial int SetControl(nint method, delegate* unmanaged[Cdecl]<nint, int, CLong, void*, CLong> control);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_destroy")]
    public static partial int SetDestroy(nint method, delegate* unmanaged[Cdecl]<nint, int> destroy);

    // The next three only read or write a field, so they are called without telling the garbage collector.
    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_get_data")]
    [SuppressGCTransition]
    public static partial nint GetBioData(nint bio);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_set_flags")]
    [SuppressGCTransition]
    public static partial void SetBioFlags(nint bio, int flags);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_clear_flags")]
    [SuppressGCTransition]
    public static partial void ClearBioFlags(nint bio, int flags);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_set_data")]
    public static partial void SetBioData(nint bio, nint data);
}
