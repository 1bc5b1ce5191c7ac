using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Asking;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Tests.PeerApi;

public sealed class PeerTlsErrorsTests
{
    [Theory]
    [InlineData(TlsFault.PinMismatch, ErrorCode.PinMismatch, 7)]
    [InlineData(TlsFault.CertificateExpired, ErrorCode.IntegrityFailed, 7)]
    [InlineData(TlsFault.CertificateRejected, ErrorCode.Unauthenticated, 3)]
    [InlineData(TlsFault.NoPin, ErrorCode.InvalidArgument, 2)]
    [InlineData(TlsFault.HandshakeCutOff, ErrorCode.AgentUnreachable, 5)]
    [InlineData(TlsFault.HandshakeTimedOut, ErrorCode.DeadlineExceeded, 5)]
    public void Who_must_mend_it_decides(TlsFault fault, ErrorCode code, int exit)
    {
        var reply = new PeerReply(fault == TlsFault.PinMismatch ? PeerOutcome.PinMismatch : PeerOutcome.Unreachable, "x") { Fault = fault };

        Assert.Equal(code, PeerTlsErrors.CodeOf(fault));
        Assert.Equal((code, exit), (reply.ErrorCode, ErrorMap.Of(reply.ErrorCode).Exit));
    }

    [Fact]
    public void Every_fault_has_a_code_that_is_no_defect() =>
        Assert.All(Enum.GetValues<TlsFault>(), fault => Assert.NotEqual(ErrorCode.Internal, PeerTlsErrors.CodeOf(fault)));
}
