using System.Runtime.InteropServices;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>Calls into OpenSSL. Its error queue belongs to the thread, so each call and the reading of its error stand together.</summary>
public sealed unsafe partial class DtlsConnection
{
    private const int LeastDatagram = 256;
    private const int MostDatagram = 4000;

    private static readonly TimeSpan _leastTimeout = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _mostTimeout = TimeSpan.FromMinutes(10);

    private bool IsOver => State is DtlsState.Closed or DtlsState.Failed || _ssl.IsClosed;

    private static void Validate(DtlsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HandshakeDatagramBytes, LeastDatagram);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.HandshakeDatagramBytes, MostDatagram);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.FirstTimeout, _leastTimeout);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LastTimeout, options.FirstTimeout);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.LastTimeout, _mostTimeout);
        if (options.PeerFingerprints.Count == 0 || options.PeerFingerprints.Any(one => one.Length is not (32 or 48 or 64)))
        {
            throw new ArgumentException("A peer is known by at least one hash of its certificate: SHA-256, SHA-384 or SHA-512.", nameof(options));
        }
    }

    private void Handshake()
    {
        LibCrypto.ClearErrors();
        var result = LibSsl.Handshake(_ssl);
        if (result == 1)
        {
            Establish();
        }
        else if (LibSsl.GetError(_ssl, result) != LibSsl.WantsRead)
        {
            Fail();
        }
    }

    // What OpenSSL was told to refuse is looked at again before a byte of the application flows.
    private void Establish()
    {
        if (!_check.IsGood)
        {
            Fail(_check.Shown is null ? DtlsFault.CertificateMissing : DtlsFault.OtherCertificate);
        }
        else if (LibDtls.Control(_ssl, LibDtls.GetExtendedMasterSecret, new CLong(0), null).Value != 1)
        {
            Fail(DtlsFault.NoCommonParameters);
        }
        else
        {
            CipherSuite = LibSsl.GetCipherId(LibSsl.GetCipher(_ssl));
            State = DtlsState.Connected;
        }
    }

    private void ReadRecords()
    {
        fixed (byte* start = _plaintext)
        {
            do
            {
                if (_filled + MaxPlaintext > PlaintextRoom)
                {
                    Dropped++;
                    return;
                }

                LibCrypto.ClearErrors();
                if (LibSsl.Read(_ssl, start + _filled, MaxPlaintext, out var length) != 1)
                {
                    EndOfRead();
                    return;
                }

                _records.Enqueue((int)length);
                _filled += (int)length;
            }
            while (_bio->HasIncoming || LibSsl.HasPending(_ssl) != 0);
        }
    }

    private void EndOfRead()
    {
        switch (LibSsl.GetError(_ssl, 0))
        {
            case LibSsl.WantsRead:
                break;
            case LibSsl.ClosedByPeer:
                Close();
                break;
            default:
                Fail();
                break;
        }
    }

    private void Fail()
    {
        var (fault, sentence) = DtlsFailure.Read(_check);
        (State, Fault, FailureReason, NextTimeout) = (DtlsState.Failed, fault, sentence, null);
    }

    private void Fail(DtlsFault fault)
    {
        // The peer is told by close_notify that nothing comes of it.
        Close();
        (State, Fault, FailureReason, NextTimeout) = (DtlsState.Failed, fault, DtlsFailure.Explain(fault), null);
    }

    // struct timeval: on Windows two 32-bit numbers, elsewhere two of the machine's words, the second of which may be half filled.
    private void NoteTimeout(TimeSpan now)
    {
        NextTimeout = null;
        if (State != DtlsState.Handshaking)
        {
            return;
        }

        var words = stackalloc byte[16];
        new Span<byte>(words, 16).Clear();
        if (LibDtls.Control(_ssl, LibDtls.GetTimeout, new CLong(0), words).Value == 1)
        {
            var seconds = *(int*)words;
            var microseconds = *(int*)(words + (OperatingSystem.IsWindows() ? 4 : sizeof(nint)));
            NextTimeout = now + TimeSpan.FromSeconds(seconds) + TimeSpan.FromMicroseconds(microseconds);
        }
    }
}
