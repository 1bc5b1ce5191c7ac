using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi;

/// <summary>Faults of TLS in the catalogue of refusals: who must mend it decides.</summary>
public static class PeerTlsErrors
{
    /// <summary>The code of a fault.</summary>
    public static ErrorCode CodeOf(TlsFault fault) => fault switch
    {
        TlsFault.NoPin or TlsFault.Unreadable => ErrorCode.InvalidArgument,
        TlsFault.PinMismatch => ErrorCode.PinMismatch,
        TlsFault.CertificateUnusable or TlsFault.CertificateExpired or TlsFault.CertificateNotYetValid or TlsFault.CertificateMissing or TlsFault.Damaged => ErrorCode.IntegrityFailed,
        TlsFault.CertificateRequired or TlsFault.CertificateRejected => ErrorCode.Unauthenticated,
        TlsFault.OldVersion or TlsFault.NotTls or TlsFault.NoCommonProtocol or TlsFault.NoCommonParameters => ErrorCode.ProtocolViolation,
        TlsFault.HandshakeTimedOut => ErrorCode.DeadlineExceeded,
        _ => ErrorCode.AgentUnreachable,
    };
}
