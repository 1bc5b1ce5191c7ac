namespace Parley.Crypto.Tls;

/// <summary>How a client end of TLS 1.3 behaves towards one peer.</summary>
public sealed record TlsClientOptions
{
    /// <summary>The certificates that the server may show: one, or two while it changes its own. Empty is refused.</summary>
    public required IReadOnlyList<CertificatePin> Pins { get; init; }

    /// <summary>The certificate to show when the server asks, and its key; null = none. The caller keeps it and disposes of it after the context.</summary>
    public TlsIdentity? Identity { get; init; }

    /// <summary>Protocols (ALPN) that are offered unless a connection names others; empty = none. Default: <c>http/1.1</c>.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = ["http/1.1"];

    /// <summary>Whether the last session with this peer is resumed, which saves both sides a signature; the pin is checked all the same. Default true.</summary>
    public bool ResumesSessions { get; init; } = true;

    /// <summary>How far clocks may differ when a certificate's dates are looked at. <value>0 to any; default 60 s.</value></summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock that dates are compared with.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
