using Parley.Client.Peering.Handshakes;
using Parley.Protocol.Identity;

namespace Parley.Client.Peering.Paths;

/// <summary>What one attempt at a path knows of its session.</summary>
internal sealed record PathContext
{
    /// <summary>The number of the attempt within the session.</summary>
    public required uint Attempt { get; init; }

    /// <summary>Whether this end opened the session.</summary>
    public required bool IsOpener { get; init; }

    /// <summary>The session's id, 16 bytes.</summary>
    public required ReadOnlyMemory<byte> Session { get; init; }

    /// <summary>The other agent: address and fingerprints, proved.</summary>
    public required SessionParty Remote { get; init; }

    /// <summary>The session's keys.</summary>
    public required SessionSecrets Secrets { get; init; }

    /// <summary>Pinned TLS towards the other end.</summary>
    public required SessionTls Tls { get; init; }

    /// <summary>The session's DTLS certificate; null when this process opens no path over UDP.</summary>
    public ISessionCertificate? Certificate { get; init; }

    /// <summary>A ticket for a relay circuit between the two ends of the session; the opener asks the hub for it, the acceptor waits for its own.</summary>
    public required Func<CancellationToken, Task<ReadOnlyMemory<byte>>> TicketAsync { get; init; }

    /// <summary>How long what costs the hub something waits for the kinds that cost nothing; zero when no other kind is tried.</summary>
    public TimeSpan HeadStart { get; init; }

    /// <summary>What the other end's opener of the same kind says while the attempt runs, sealed by the session.</summary>
    public required PathSignals Signals { get; init; }
}
