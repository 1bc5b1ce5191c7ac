using System.Runtime.InteropServices;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Dtls;

/// <summary>One DTLS 1.2 connection (RFC 6347) as WebRTC uses it, without sockets: datagrams in, datagrams and the next deadline out, records of plaintext on the other side.</summary>
/// <remarks>
/// Both ends show certificates, which are compared with fingerprints alone. After <see cref="Start"/>, <see cref="Receive"/> and <see cref="HandleTimeout"/> take
/// what <see cref="Poll"/> and <see cref="TryRead"/> give, until neither gives any more. Not safe for more than one thread at a time.
/// <para>
/// The retransmission timer of the handshake is OpenSSL's and runs on the system's clock. <see cref="NextTimeout"/> is translated to the caller's clock; on one that
/// jumps ahead of the system's, <see cref="HandleTimeout"/> finds the time not come and sets the next deadline.
/// </para>
/// </remarks>
public sealed unsafe partial class DtlsConnection : IDisposable
{
    /// <summary>Most bytes that a record adds to its plaintext: header 13, nonce 8, tag 16.</summary>
    public const int MaxOverhead = 37;

    /// <summary>Most bytes of plaintext in a record, and so in one <see cref="Send"/> (RFC 5246, section 6.2.1).</summary>
    public const int MaxPlaintext = 16 << 10;

    private const int PlaintextRoom = 4 * MaxPlaintext;

    private readonly FingerprintCheck _check;
    private readonly SslContextHandle _context;
    private readonly SslHandle _ssl;
    private readonly DatagramBio* _bio;
    private readonly byte[] _plaintext = GC.AllocateUninitializedArray<byte>(PlaintextRoom, pinned: true);
    private readonly Queue<int> _records = new();
    private int _read;
    private int _filled;

    /// <summary>Makes a connection that has sent nothing.</summary>
    /// <exception cref="ArgumentException">No fingerprint, or one of another length; a datagram size or a time out of bounds.</exception>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public DtlsConnection(DtlsOptions options)
    {
        Validate(options);
        _check = new FingerprintCheck(options.PeerFingerprints);
        _context = DtlsContext.Make(options.Certificate, _check);
        try
        {
            _ssl = SslHandle.Create(_context);
        }
        catch
        {
            _context.Dispose();
            throw;
        }

        try
        {
            var bio = DatagramBio.Make((uint)options.FirstTimeout.TotalMicroseconds, (uint)options.LastTimeout.TotalMicroseconds, out _bio);

            // From here on the BIO is the connection's, and goes with it.
            LibSsl.SetBios(_ssl, bio, bio);
            LibDtls.SetTimer(_ssl, &DatagramBio.NextTimeout);
            LibDtls.Control(_ssl, LibDtls.SetMtu, new CLong(options.HandshakeDatagramBytes), null);
            if (options.Role == DtlsRole.Client)
            {
                LibSsl.BeClient(_ssl);
            }
            else
            {
                LibSsl.BeServer(_ssl);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it stands.</summary>
    public DtlsState State { get; private set; }

    /// <summary>Why it failed.</summary>
    public DtlsFault Fault { get; private set; }

    /// <summary>The same as a sentence that is safe to show; null while it has not failed.</summary>
    public string? FailureReason { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is due, on the caller's clock; null: only after something was received.</summary>
    public TimeSpan? NextTimeout { get; private set; }

    /// <summary>The suite's number in IANA's registry; 0 before it is connected.</summary>
    public ushort CipherSuite { get; private set; }

    /// <summary>The certificate that the peer showed, DER; empty before.</summary>
    public ReadOnlyMemory<byte> PeerCertificate => _check.Shown;

    /// <summary>Records given up because nobody read those before them.</summary>
    public long Dropped { get; private set; }

    /// <summary>Begins: a client's first flight can be polled. A server waits for it.</summary>
    public void Start(TimeSpan now)
    {
        if (State == DtlsState.New && !_ssl.IsClosed)
        {
            State = DtlsState.Handshaking;
            Handshake();
            NoteTimeout(now);
        }
    }

    /// <summary>Takes a datagram, with one record or several; what cannot be understood is dropped.</summary>
    /// <param name="datagram">At most 16 KiB and <see cref="MaxOverhead"/> count; the rest is lost.</param>
    /// <param name="now">The time.</param>
    public void Receive(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        datagram = datagram[..RecordSieve.Sift(datagram, CipherSuite)];
        if (datagram.IsEmpty || IsOver)
        {
            return;
        }

        if (_filled + MaxPlaintext > PlaintextRoom)
        {
            Dropped++;
            return;
        }

        fixed (byte* start = datagram)
        {
            _bio->Lend(start, datagram.Length);
            if (State != DtlsState.Connected)
            {
                State = DtlsState.Handshaking;
                Handshake();
                NoteTimeout(now);
            }

            if (State == DtlsState.Connected)
            {
                ReadRecords();
            }

            if (!_ssl.IsClosed)
            {
                _bio->Lend(null, 0);
            }
        }

        // The handle owns what the pointer points to.
        GC.KeepAlive(this);
    }

    /// <summary>Takes the oldest record that was not read.</summary>
    /// <param name="record">Its plaintext: valid until the next call of <see cref="Receive"/>.</param>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        if (!_records.TryDequeue(out var length))
        {
            record = default;
            return false;
        }

        record = _plaintext.AsSpan(_read, length);
        _read += length;
        if (_records.Count == 0)
        {
            _read = _filled = 0;
        }

        return true;
    }

    /// <summary>Takes the next datagram of the handshake, or an alert; those of data come from <see cref="Send"/>.</summary>
    /// <param name="destination">At least 4,096 bytes.</param>
    /// <returns>Its length; 0: there is none.</returns>
    public int Poll(Span<byte> destination)
    {
        var length = _ssl.IsClosed ? 0 : _bio->Dequeue(destination);
        GC.KeepAlive(this);
        return length;
    }

    /// <summary>Encrypts one message into one datagram.</summary>
    /// <param name="plaintext">1 to <see cref="MaxPlaintext"/> bytes.</param>
    /// <param name="destination">Where the datagram goes: <see cref="MaxOverhead"/> bytes longer.</param>
    /// <returns>Its length; 0: it is not connected.</returns>
    /// <exception cref="ArgumentException">The plaintext is empty or too long, or the destination too short.</exception>
    public int Send(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (plaintext.Length is 0 or > MaxPlaintext || destination.Length < plaintext.Length + MaxOverhead)
        {
            throw new ArgumentException("A record has 1 to 16,384 bytes of plaintext, and needs 37 more.", nameof(plaintext));
        }

        if (State != DtlsState.Connected || _ssl.IsClosed)
        {
            return 0;
        }

        fixed (byte* source = plaintext, room = destination)
        {
            LibCrypto.ClearErrors();
            _bio->LendRoom(room, destination.Length);
            var isWritten = LibSsl.Write(_ssl, source, (nuint)plaintext.Length, out _) == 1;
            var length = _bio->TakeRoomBack();
            GC.KeepAlive(this);
            if (!isWritten)
            {
                Fail();
                return 0;
            }

            return length;
        }
    }

    /// <summary>Sends a flight of the handshake again, if its time has come by the system's clock.</summary>
    public void HandleTimeout(TimeSpan now)
    {
        if (State != DtlsState.Handshaking || _ssl.IsClosed)
        {
            NextTimeout = null;
            return;
        }

        LibCrypto.ClearErrors();
        if (LibDtls.Control(_ssl, LibDtls.HandleTimeout, new CLong(0), null).Value < 0)
        {
            Fail();
        }

        NoteTimeout(now);
    }

    /// <summary>Says close_notify, which can be polled then. What the peer sends later is not read.</summary>
    public void Close()
    {
        if (IsOver)
        {
            return;
        }

        if (State == DtlsState.Connected)
        {
            LibCrypto.ClearErrors();
            LibSsl.Shutdown(_ssl);
            LibCrypto.ClearErrors();
        }

        (State, NextTimeout) = (DtlsState.Closed, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsOver)
        {
            State = DtlsState.Closed;
        }

        NextTimeout = null;
        _ssl.Dispose();
        _context.Dispose();
    }
}
