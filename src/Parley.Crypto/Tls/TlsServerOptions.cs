namespace Parley.Crypto.Tls;

/// <summary>How a server end of TLS 1.3 behaves.</summary>
public sealed record TlsServerOptions
{
    /// <summary>The certificate to show and its key; the caller keeps it and disposes of it after the context.</summary>
    public required TlsIdentity Identity { get; init; }

    /// <summary>Protocols (ALPN) in the order of preference; empty = none are named. Default: <c>h2</c>, <c>http/1.1</c>. A client that names others only is refused.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = ["h2", "http/1.1"];

    /// <summary>Whether clients are asked for a certificate; default: not.</summary>
    public TlsClientCertificates ClientCertificates { get; init; }

    /// <summary>
    /// Whether a client's certificate is pinned; asked at each handshake, resumed ones included, so that a removed pin counts at once. Needed when clients are asked for one.
    /// Called while a thread is in a handshake: it must be quick and must not wait.
    /// </summary>
    public Func<Ed25519Certificate, bool>? IsPinned { get; init; }

    /// <summary>How far clocks may differ when a certificate's dates are looked at. <value>0 to any; default 60 s.</value></summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a session can be resumed without a new signature. <value>1 s to 7 days (RFC 8446, section 4.6.1); default 2 hours.</value></summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The clock that dates are compared with.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
