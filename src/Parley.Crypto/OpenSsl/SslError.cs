namespace Parley.Crypto.OpenSsl;

/// <summary>Why a call of libssl failed, as OpenSSL left it in its error queue.</summary>
/// <param name="Reason">A reason of openssl/sslerr.h; 0 when the failure is another library's, or the peer's alert.</param>
/// <param name="Alert">The number of the alert that the peer sent; null when it sent none.</param>
internal readonly record struct SslError(int Reason, int? Alert)
{
    private const int LibraryOffset = 23;
    private const int LibraryMask = 0xff;
    private const int ReasonMask = 0x7fffff;
    private const int SslLibrary = 20;

    /// <summary><c>SSL_AD_REASON_OFFSET</c>: a received alert is its own number above this.</summary>
    private const int AlertOffset = 1000;
    private const int MaxAlert = 255;

    /// <summary>Reads the failure of the call that this thread just made, and empties the queue.</summary>
    public static SslError Take()
    {
        // The first error is the cause; later ones are layers that pass it on.
        var code = (long)LibCrypto.NextError().Value;
        LibCrypto.ClearErrors();
        return Of(code);
    }

    /// <summary>An entry of the queue: library (bits 23 to 30) and reason (bits 0 to 22).</summary>
    internal static SslError Of(long code)
    {
        var reason = ((code >> LibraryOffset) & LibraryMask) == SslLibrary ? (int)(code & ReasonMask) : 0;
        return reason is >= AlertOffset and <= AlertOffset + MaxAlert ? new SslError(0, reason - AlertOffset) : new SslError(reason, null);
    }
}
