using System.Runtime.InteropServices;

namespace Parley.Crypto.OpenSsl;

/// <summary>The functions of libssl 3 that Parley calls, as <c>openssl/ssl.h</c> declares them; macros of that header are calls of the control function.</summary>
internal static unsafe partial class LibSsl
{
    // Commands of SSL_CTX_ctrl.
    public const int SetMode = 33;
    public const int SetCacheMode = 44;
    public const int SetMaxCertificates = 51;
    public const int SetSignatures = 98;
    public const int SetClientSignatures = 102;
    public const int SetMinVersion = 123;
    public const int SetMaxVersion = 124;

    /// <summary><c>TLS1_3_VERSION</c>.</summary>
    public const int Version13 = 0x0304;

    /// <summary><c>SSL_MODE_RELEASE_BUFFERS</c>: an idle connection holds no record buffers.</summary>
    public const int ReleaseBuffers = 0x10;

    // Values of SSL_set_verify.
    public const int VerifyNothing = 0;
    public const int VerifyPeer = 1;
    public const int FailWithoutCertificate = 2;

    // Results of SSL_get_error.
    public const int WantsRead = 2;
    public const int ClosedByPeer = 6;

    // Results of an ALPN callback.
    public const int AlpnOk = 0;
    public const int AlpnFatal = 2;

    // States of a ticket, and what becomes of it (SSL_TICKET_STATUS, SSL_TICKET_RETURN); one that is ignored is replaced.
    public const int TicketGood = 5;
    public const int TicketGoodRenew = 6;
    public const int IgnoreTicket = 2;
    public const int UseTicket = 3;
    public const int UseTicketRenew = 4;

    static LibSsl() => OpenSslLibrary.Register();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "TLS_server_method")]
    public static partial nint ServerMethod();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "TLS_client_method")]
    public static partial nint ClientMethod();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial SslContextHandle NewContext(nint method);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial CLong ControlContext(SslContextHandle context, int command, CLong number, byte* text);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    public static partial int UseCertificate(SslContextHandle context, int length, byte* der);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_use_PrivateKey")]
    public static partial int UseKey(SslContextHandle context, EvpKeyHandle key);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_alpn_select_cb")]
    public static partial void SetAlpnChooser(SslContextHandle context, delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int> chooser, nint argument);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_alpn_protos")]
    public static partial int SetAlpnOffer(SslHandle ssl, byte* protocols, uint length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void SetVerify(SslContextHandle context, int mode, nint callback);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_cert_verify_callback")]
    public static partial void SetVerifier(SslContextHandle context, delegate* unmanaged[Cdecl]<nint, nint, int> verifier, nint argument);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_session_id_context")]
    public static partial int SetSessionContext(SslContextHandle context, byte* name, uint length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_num_tickets")]
    public static partial int SetTicketCount(SslContextHandle context, nuint count);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_timeout")]
    public static partial CLong SetSessionTimeout(SslContextHandle context, CLong seconds);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_session_ticket_cb")]
    public static partial int SetTicketCallbacks(
        SslContextHandle context, nint maker, delegate* unmanaged[Cdecl]<nint, nint, byte*, nuint, int, nint, int> judge, nint argument);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_SESSION_get0_peer")]
    public static partial nint GetSessionPeer(nint session);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_new")]
    public static partial SslHandle NewConnection(SslContextHandle context);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_free")]
    public static partial void FreeConnection(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_bio")]
    public static partial void SetBios(SslHandle ssl, nint input, nint output);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_accept_state")]
    public static partial void BeServer(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_connect_state")]
    public static partial void BeClient(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_do_handshake")]
    public static partial int Handshake(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_read_ex")]
    public static partial int Read(SslHandle ssl, byte* destination, nuint length, out nuint read);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_peek_ex")]
    public static partial int Peek(SslHandle ssl, byte* destination, nuint length, out nuint read);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_has_pending")]
    public static partial int HasPending(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_write_ex")]
    public static partial int Write(SslHandle ssl, byte* source, nuint length, out nuint written);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_key_update")]
    public static partial int UpdateKey(SslHandle ssl, int type);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_error")]
    public static partial int GetError(SslHandle ssl, int result);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_session_reused")]
    public static partial int IsResumed(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get0_alpn_selected")]
    public static partial void GetAlpn(SslHandle ssl, out byte* protocol, out uint length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_current_cipher")]
    public static partial nint GetCipher(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CIPHER_get_protocol_id")]
    public static partial ushort GetCipherId(nint cipher);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get1_peer_certificate")]
    public static partial nint GetPeerCertificate(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_verify_result")]
    public static partial CLong GetVerifyResult(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get1_session")]
    public static partial SslSessionHandle GetSession(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_SESSION_is_resumable")]
    public static partial int IsResumable(SslSessionHandle session);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_session")]
    public static partial int SetSession(SslHandle ssl, SslSessionHandle session);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_SESSION_free")]
    public static partial void FreeSession(nint session);
}
