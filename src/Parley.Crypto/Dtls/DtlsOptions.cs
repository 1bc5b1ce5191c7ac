namespace Parley.Crypto.Dtls;

/// <summary>What one <see cref="DtlsConnection"/> needs to know.</summary>
public sealed record DtlsOptions
{
    /// <summary>Which half of the handshake.</summary>
    public required DtlsRole Role { get; init; }

    /// <summary>Ours.</summary>
    public required DtlsCertificate Certificate { get; init; }

    /// <summary>Hashes of the certificates that the peer may show; one of them must be right.</summary>
    /// <value>At least one, each of 32 bytes (SHA-256), 48 (SHA-384) or 64 (SHA-512).</value>
    public required IReadOnlyList<ReadOnlyMemory<byte>> PeerFingerprints { get; init; }

    /// <summary>Most bytes of a datagram of the handshake; data may be larger.</summary>
    /// <value>256 to 4,000, default 1,200, which passes everywhere.</value>
    public int HandshakeDatagramBytes { get; init; } = 1200;

    /// <summary>Time without an answer after which a flight of the handshake is sent again; doubled each time, up to <see cref="LastTimeout"/>, twelve times in all.</summary>
    /// <value>20 ms or more, default 400 ms. Measured by OpenSSL, on the system's clock, whatever time the caller says it is.</value>
    public TimeSpan FirstTimeout { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>See <see cref="FirstTimeout"/>.</summary>
    /// <value>Default 5 s.</value>
    public TimeSpan LastTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
