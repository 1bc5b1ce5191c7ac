using System.Text;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Tls;

/// <summary>One TLS connection as a state machine without I/O: bytes of the peer in, bytes for the peer out, plaintext on the other side. Safe to use from many threads.</summary>
/// <remarks>
/// OpenSSL works on two memory BIOs. Its error queue belongs to the thread, so each call and the reading of its error stand together under the gate; nothing is waited for there.
/// A failure is final and is told again by every later call; the alert that goes with it is among the output.
/// </remarks>
internal sealed unsafe class TlsEngine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TlsContext _context;
    private readonly SslHandle _ssl;
    private readonly nint _input;
    private readonly nint _output;
    private TlsException? _failure;
    private bool _isEstablished;
    private bool _isShutDown;
    private bool _isDrained;
    private volatile int _outputLength;

    /// <summary>Makes a connection.</summary>
    /// <param name="context">Whose.</param>
    /// <param name="protocols">What a client offers; null = what its context says.</param>
    public TlsEngine(TlsContext context, IReadOnlyList<string>? protocols)
    {
        _context = context;
        _ssl = context.NewConnection();
        (_input, _output) = (LibCrypto.NewBio(LibCrypto.MemoryBio()), LibCrypto.NewBio(LibCrypto.MemoryBio()));

        // From here on the BIOs are the connection's, and go with it.
        LibSsl.SetBios(_ssl, _input, _output);
        if (!context.IsServer)
        {
            Offer(protocols ?? context.Protocols);
        }
    }

    /// <summary>Bytes for the peer that wait to be taken.</summary>
    public int OutputLength => _outputLength;

    /// <summary>What the peer showed; null = nothing.</summary>
    public Ed25519Certificate? PeerCertificate { get; private set; }

    /// <summary>The protocol that was agreed on; null = none.</summary>
    public string? Protocol { get; private set; }

    /// <summary>The suite's number in IANA's registry.</summary>
    public ushort CipherSuite { get; private set; }

    /// <summary>Whether an earlier session was resumed.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>Goes as far with the handshake as the input allows. With true the peer is the pinned one.</summary>
    /// <exception cref="TlsException">It failed.</exception>
    public bool Handshake()
    {
        lock (_gate)
        {
            Begin();
            var result = LibSsl.Handshake(_ssl);
            NoteOutput();
            if (result == 1)
            {
                Establish();
                return true;
            }

            return LibSsl.GetError(_ssl, result) == LibSsl.WantsRead ? false : throw Fail(TlsFailure.Read(_ssl));
        }
    }

    /// <summary>Reads plaintext into a buffer, as many records as fit.</summary>
    /// <exception cref="TlsException">The connection failed.</exception>
    public TlsRead Read(Span<byte> destination, out int count)
    {
        lock (_gate)
        {
            count = 0;
            if (IsDrained())
            {
                return TlsRead.NeedsInput;
            }

            fixed (byte* start = destination)
            {
                do
                {
                    LibCrypto.ClearErrors();
                    if (LibSsl.Read(_ssl, start + count, (nuint)(destination.Length - count), out var read) != 1)
                    {
                        return EndOfRead(count);
                    }

                    count += (int)read;
                }
                while (count < destination.Length && LibCrypto.PendingInBio(_input) > 0);
            }

            // The buffer had room left, so the last record is used up, and there is no further one.
            _isDrained = count < destination.Length && LibSsl.HasPending(_ssl) == 0;
            NoteOutput();
            return TlsRead.Data;
        }
    }

    /// <summary>Whether plaintext is there, without taking it.</summary>
    /// <exception cref="TlsException">The connection failed.</exception>
    public TlsRead Look()
    {
        lock (_gate)
        {
            if (IsDrained())
            {
                return TlsRead.NeedsInput;
            }

            byte one;
            LibCrypto.ClearErrors();
            return LibSsl.Peek(_ssl, &one, 1, out _) == 1 ? TlsRead.Data : EndOfRead(0);
        }
    }

    /// <summary>Encrypts; the records are among the output.</summary>
    /// <exception cref="TlsException">The connection failed.</exception>
    public void Write(ReadOnlySpan<byte> source)
    {
        lock (_gate)
        {
            Begin();
            fixed (byte* start = source)
            {
                var isWritten = LibSsl.Write(_ssl, start, (nuint)source.Length, out var written) == 1 && (int)written == source.Length;
                NoteOutput();
                if (!isWritten)
                {
                    throw Fail(TlsFailure.Read(_ssl));
                }
            }
        }
    }

    /// <summary>Says close_notify; false when nothing may be said any more.</summary>
    public bool Shutdown()
    {
        lock (_gate)
        {
            if (_ssl.IsClosed || _failure is not null || !_isEstablished || _isShutDown)
            {
                return false;
            }

            _isShutDown = true;
            LibCrypto.ClearErrors();
            LibSsl.Shutdown(_ssl);
            LibCrypto.ClearErrors();
            NoteOutput();
            return true;
        }
    }

    /// <summary>Changes the keys of both directions (RFC 8446, section 4.6.3); the message is among the output.</summary>
    internal void UpdateKeys()
    {
        lock (_gate)
        {
            Begin();

            // SSL_KEY_UPDATE_REQUESTED; it goes out with the handshake function.
            LibCrypto.Check(LibSsl.UpdateKey(_ssl, 1) == 1 && LibSsl.Handshake(_ssl) == 1, "changing the keys");
            NoteOutput();
        }
    }

    /// <summary>Hands over bytes of the peer.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            Check();
            _isDrained = false;
            fixed (byte* start = bytes)
            {
                LibCrypto.Check(LibCrypto.WriteBio(_input, start, bytes.Length) == bytes.Length, "storing what arrived");
            }
        }
    }

    /// <summary>Takes bytes for the peer; they must be sent in the order in which they were taken.</summary>
    public int Take(Span<byte> destination)
    {
        lock (_gate)
        {
            if (_ssl.IsClosed)
            {
                return 0;
            }

            fixed (byte* start = destination)
            {
                var count = Math.Max(0, LibCrypto.ReadBio(_output, start, destination.Length));
                NoteOutput();
                return count;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_ssl.IsClosed && _isEstablished && _failure is null && !_context.IsServer)
            {
                _context.Keep(_ssl);
            }

            _outputLength = 0;
            _ssl.Dispose();
        }
    }

    private void Begin()
    {
        Check();
        LibCrypto.ClearErrors();
    }

    // Waiting for bytes is the usual state of a connection: OpenSSL is not asked again before some came.
    private bool IsDrained()
    {
        Check();
        return _isDrained;
    }

    private void Check()
    {
        ObjectDisposedException.ThrowIf(_ssl.IsClosed, this);
        if (_failure is not null)
        {
            throw new TlsException(_failure.Fault, _failure.Message, _failure);
        }
    }

    // Noted after each call that may have made some, so that asking for it takes no lock: it is asked at each read.
    private void NoteOutput() => _outputLength = (int)LibCrypto.PendingInBio(_output);

    private TlsException Fail(TlsException failure) => _failure = failure;

    private TlsRead EndOfRead(int count)
    {
        NoteOutput();
        var error = LibSsl.GetError(_ssl, 0);
        if (error is not (LibSsl.WantsRead or LibSsl.ClosedByPeer))
        {
            var failure = Fail(TlsFailure.Read(_ssl));

            // What came before the fault is good and is handed over first; the next call tells.
            return count > 0 ? TlsRead.Data : throw failure;
        }

        _isDrained = error == LibSsl.WantsRead;
        return count > 0 ? TlsRead.Data : _isDrained ? TlsRead.NeedsInput : TlsRead.Closed;
    }

    // A resumed handshake shows no certificate, so OpenSSL asks nobody: the rule is held here, over the certificate of the session, before a byte is written.
    private void Establish()
    {
        PeerCertificate = Tls.PeerCertificate.Of(_ssl);
        var fault = PeerCertificate is not null ? _context.Check?.Refuse(PeerCertificate) : _context.DemandsCertificate ? TlsFault.CertificateMissing : null;
        if (fault is { } reason)
        {
            throw Fail(PeerCheck.Explain(reason));
        }

        IsResumed = LibSsl.IsResumed(_ssl) == 1;
        CipherSuite = LibSsl.GetCipherId(LibSsl.GetCipher(_ssl));
        LibSsl.GetAlpn(_ssl, out var name, out var length);
        Protocol = length == 0 ? null : Encoding.ASCII.GetString(name, (int)length);
        _isEstablished = true;
    }

    private void Offer(IReadOnlyList<string> protocols)
    {
        var list = AlpnOffer.Write(protocols);
        if (list.Length == 0)
        {
            return;
        }

        fixed (byte* start = list)
        {
            // The one function of its family that says 0 for success.
            LibCrypto.Check(LibSsl.SetAlpnOffer(_ssl, start, (uint)list.Length) == 0, "offering protocols");
        }
    }
}
