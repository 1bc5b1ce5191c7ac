using System.Runtime.InteropServices;
using System.Text;
using Parley.Crypto.OpenSsl;

namespace Parley.Crypto.Tls;

/// <summary>What many connections share: identity, pins, protocols, and the keys of session tickets. Safe to use from many threads; connections outlive it.</summary>
/// <remarks>TLS 1.3 alone, Ed25519 certificates alone. A changed certificate needs a new context; connections of the old one go on.</remarks>
public sealed class TlsContext : IDisposable
{
    /// <summary>Longest chain of certificates that a peer may show, in bytes: OpenSSL's own 100 KiB are room for what nobody needs here.</summary>
    private const int MaxCertificateBytes = 2 * Ed25519Certificate.MaxBytes;

    private static readonly TimeSpan _maxSessionLifetime = TimeSpan.FromDays(7);

    private readonly SslContextHandle _handle;
    private readonly bool _resumesSessions;
    private SslSessionHandle? _session;

    private TlsContext(SslContextHandle handle, bool isServer, bool resumesSessions, TimeProvider timeProvider) =>
        (_handle, IsServer, _resumesSessions, TimeProvider) = (handle, isServer, resumesSessions, timeProvider);

    /// <summary>Whether its connections are the server's end.</summary>
    public bool IsServer { get; }

    /// <summary>Whether it is disposed of, and so are all connections that were made from it.</summary>
    internal bool IsReleased => _handle.IsReleased;

    /// <summary>The clock.</summary>
    internal TimeProvider TimeProvider { get; }

    /// <summary>The rule for the peer's certificate; null where none is asked for.</summary>
    internal PeerCheck? Check { get; private init; }

    /// <summary>Whether a peer without a certificate is refused.</summary>
    internal bool DemandsCertificate { get; private init; }

    /// <summary>What a client offers unless a connection names others.</summary>
    internal IReadOnlyList<string> Protocols { get; private init; } = [];

    /// <summary>Makes the context of a server.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.NoPin"/>: clients are asked for certificates, and none is pinned.</exception>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static TlsContext ForServer(TlsServerOptions options)
    {
        var asks = options.ClientCertificates != TlsClientCertificates.None;
        var isPinned = options.IsPinned;
        if (asks && isPinned is null)
        {
            throw CertificatePin.Missing();
        }

        var demands = options.ClientCertificates == TlsClientCertificates.Required;
        var check = asks ? new PeerCheck(isPinned!, options.ClockSkew, options.TimeProvider) : null;
        var mode = !asks ? LibSsl.VerifyNothing : LibSsl.VerifyPeer | (demands ? LibSsl.FailWithoutCertificate : 0);
        var handle = Make(isServer: true, options.Identity, mode, new TlsCallbacks(check, AlpnOffer.Encode(options.Protocols)));
        SetUpTickets(handle, options.SessionLifetime);
        return new TlsContext(handle, isServer: true, resumesSessions: false, options.TimeProvider) { Check = check, DemandsCertificate = demands, Protocols = options.Protocols };
    }

    /// <summary>Makes the context of a client for one peer.</summary>
    /// <exception cref="TlsException"><see cref="TlsFault.NoPin"/>: none is given.</exception>
    /// <exception cref="OpenSslMissingException">OpenSSL 3 is not installed.</exception>
    public static TlsContext ForClient(TlsClientOptions options)
    {
        CertificatePin[] pins = [.. options.Pins];
        if (pins.Length == 0)
        {
            throw CertificatePin.Missing();
        }

        AlpnOffer.Encode(options.Protocols);
        var check = new PeerCheck(certificate => CertificatePin.MatchesAny(pins, certificate), options.ClockSkew, options.TimeProvider);
        var handle = Make(isServer: false, options.Identity, LibSsl.VerifyPeer, new TlsCallbacks(check, []));
        return new TlsContext(handle, isServer: false, options.ResumesSessions, options.TimeProvider) { Check = check, DemandsCertificate = true, Protocols = options.Protocols };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Exchange(ref _session, null)?.Dispose();
        _handle.Dispose();
    }

    /// <summary>Makes the connection object.</summary>
    internal SslHandle NewConnection()
    {
        var ssl = SslHandle.Create(_handle);
        if (IsServer)
        {
            LibSsl.BeServer(ssl);
            return ssl;
        }

        LibSsl.BeClient(ssl);

        // Each ticket is shown once (RFC 8446, appendix C.4): whoever watches cannot tell two connections to be of one client.
        using var session = Interlocked.Exchange(ref _session, null);
        if (session is not null)
        {
            LibSsl.SetSession(ssl, session);
        }

        return ssl;
    }

    /// <summary>Keeps what a connection that ended well was given to resume with; the last one counts.</summary>
    internal void Keep(SslHandle ssl)
    {
        if (!_resumesSessions)
        {
            return;
        }

        var session = LibSsl.GetSession(ssl);
        if (session.IsInvalid || LibSsl.IsResumable(session) != 1)
        {
            session.Dispose();
            return;
        }

        Interlocked.Exchange(ref _session, session)?.Dispose();
        if (_handle.IsClosed)
        {
            Interlocked.Exchange(ref _session, null)?.Dispose();
        }
    }

    private static SslContextHandle Make(bool isServer, TlsIdentity? identity, int verifyMode, TlsCallbacks callbacks)
    {
        LibCrypto.ClearErrors();
        var handle = LibSsl.NewContext(isServer ? LibSsl.ServerMethod() : LibSsl.ClientMethod());
        try
        {
            LibCrypto.Check(!handle.IsInvalid, "making a TLS context");
            LibCrypto.Check(
                Control(handle, LibSsl.SetMinVersion, LibSsl.Version13) == 1 && Control(handle, LibSsl.SetMaxVersion, LibSsl.Version13) == 1, "TLS 1.3");
            LibCrypto.Check(SetSignatures(handle), "Ed25519 signatures");
            Control(handle, LibSsl.SetMode, LibSsl.ReleaseBuffers);
            Control(handle, LibSsl.SetCacheMode, 0);
            Control(handle, LibSsl.SetMaxCertificates, MaxCertificateBytes);
            LibSsl.SetVerify(handle, verifyMode, 0);
            TlsCallbacks.Register(handle, callbacks, isServer);
            if (identity is not null)
            {
                Show(handle, identity);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static unsafe void Show(SslContextHandle handle, TlsIdentity identity)
    {
        var der = identity.Certificate.Der.Span;
        fixed (byte* start = der)
        {
            LibCrypto.Check(LibSsl.UseCertificate(handle, der.Length, start) == 1, "our certificate");
        }

        LibCrypto.Check(LibSsl.UseKey(handle, identity.Key.Handle) == 1, "our certificate's key");
    }

    // Sessions of a server that knows its clients need a name, or OpenSSL refuses to resume them. One ticket per handshake: each further one would be paid for and seldom used.
    private static unsafe void SetUpTickets(SslContextHandle handle, TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, _maxSessionLifetime);
        var name = "parley"u8;
        fixed (byte* start = name)
        {
            LibCrypto.Check(LibSsl.SetSessionContext(handle, start, (uint)name.Length) == 1, "naming sessions");
        }

        LibCrypto.Check(LibSsl.SetTicketCount(handle, 1) == 1, "counting tickets");
        LibSsl.SetSessionTimeout(handle, new CLong((int)lifetime.TotalSeconds));
    }

    private static unsafe bool SetSignatures(SslContextHandle handle)
    {
        var list = Encoding.ASCII.GetBytes("ed25519\0");
        fixed (byte* start = list)
        {
            return LibSsl.ControlContext(handle, LibSsl.SetSignatures, new CLong(0), start).Value == 1
                && LibSsl.ControlContext(handle, LibSsl.SetClientSignatures, new CLong(0), start).Value == 1;
        }
    }

    private static unsafe nint Control(SslContextHandle handle, int command, int number) =>
        LibSsl.ControlContext(handle, command, new CLong(number), null).Value;
}
