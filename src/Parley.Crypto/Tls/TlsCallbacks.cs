using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Tls;

/// <summary>What OpenSSL calls back during a handshake; one object per context, found by the argument that was registered.</summary>
/// <param name="check">The rule for the peer's certificate; null where none is asked for.</param>
/// <param name="protocols">ALPN names in the server's order, ASCII.</param>
internal sealed unsafe class TlsCallbacks(PeerCheck? check, byte[][] protocols)
{
    // X509_V_ERR_ numbers of openssl/x509_vfy.h: each makes OpenSSL send the alert that fits.
    private const int Unspecified = 1;
    private const int NotYetValid = 9;
    private const int HasExpired = 10;
    private const int InvalidPurpose = 26;
    private const int Untrusted = 27;

    /// <summary>Ties the callbacks to a context.</summary>
    public static void Register(SslContextHandle context, TlsCallbacks callbacks, bool isServer)
    {
        var argument = context.Attach(callbacks);
        LibSsl.SetVerifier(context, &VerifyPeer, argument);
        if (isServer && callbacks.Protocols.Length > 0)
        {
            LibSsl.SetAlpnChooser(context, &ChooseProtocol, argument);
        }

        if (isServer)
        {
            LibCrypto.Check(LibSsl.SetTicketCallbacks(context, 0, &JudgeTicket, argument) == 1, "watching over tickets");
        }
    }

    /// <summary>What a verify result that this class made means; null for success.</summary>
    public static TlsFault? FaultOf(int verifyError) => verifyError switch
    {
        0 => null,
        Untrusted => TlsFault.PinMismatch,
        HasExpired => TlsFault.CertificateExpired,
        NotYetValid => TlsFault.CertificateNotYetValid,
        _ => TlsFault.CertificateUnusable,
    };

    private byte[][] Protocols => protocols;

    private static int ErrorOf(TlsFault? fault) => fault switch
    {
        null => 0,
        TlsFault.PinMismatch => Untrusted,
        TlsFault.CertificateExpired => HasExpired,
        TlsFault.CertificateNotYetValid => NotYetValid,
        _ => InvalidPurpose,
    };

    // Nothing may be thrown into OpenSSL, so every failure is a refusal.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int VerifyPeer(nint storeContext, nint argument)
    {
        var error = Unspecified;
        try
        {
            error = Of(argument).Verify(LibCrypto.GetCertificateToVerify(storeContext));
        }
        catch (TlsException)
        {
            error = InvalidPurpose;
        }
        catch (Exception)
        {
            error = Unspecified;
        }

        LibCrypto.SetVerifyError(storeContext, error);
        return error == 0 ? 1 : 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ChooseProtocol(nint ssl, byte** chosen, byte* chosenLength, byte* offered, uint offeredLength, nint argument)
    {
        try
        {
            var offer = new ReadOnlySpan<byte>(offered, (int)offeredLength);
            foreach (var protocol in Of(argument).Protocols)
            {
                if (AlpnOffer.Find(offer, protocol) is var at and >= 0)
                {
                    *chosen = offered + at;
                    *chosenLength = (byte)protocol.Length;
                    return LibSsl.AlpnOk;
                }
            }
        }
        catch (Exception)
        {
            return LibSsl.AlpnFatal;
        }

        return LibSsl.AlpnFatal;
    }

    // A session whose client is not pinned any more is not resumed: the full handshake that follows tells the client why.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int JudgeTicket(nint ssl, nint session, byte* name, nuint nameLength, int status, nint argument)
    {
        if (status is not (LibSsl.TicketGood or LibSsl.TicketGoodRenew))
        {
            return LibSsl.IgnoreTicket;
        }

        try
        {
            var certificate = LibSsl.GetSessionPeer(session);
            var isGood = certificate == 0 || Of(argument).Verify(certificate) == 0;
            return !isGood ? LibSsl.IgnoreTicket : status == LibSsl.TicketGood ? LibSsl.UseTicket : LibSsl.UseTicketRenew;
        }
        catch (Exception)
        {
            return LibSsl.IgnoreTicket;
        }
    }

    private static TlsCallbacks Of(nint argument) => (TlsCallbacks)GCHandle.FromIntPtr(argument).Target!;

    private int Verify(nint certificate) => check is null ? Unspecified : ErrorOf(check.Refuse(PeerCertificate.Read(certificate)));
}
