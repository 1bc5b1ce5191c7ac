using Microsoft.Extensions.Logging;
using Parley.Client.Peering.Handshakes;
using Parley.Client.Peering.Paths;
using Parley.Protocol.Wire;

namespace Parley.Client.Peering;

/// <summary>What a session is made of once both ends are proved; it owns all of it.</summary>
internal sealed record SessionParts
{
    /// <summary>The session's id, 16 bytes.</summary>
    public required byte[] Id { get; init; }

    /// <summary>What for.</summary>
    public required PeerPurpose Purpose { get; init; }

    /// <summary>This agent and its fresh keys.</summary>
    public required HandshakeSelf Self { get; init; }

    /// <summary>The handshake, proved by the time there is a session.</summary>
    public required Handshake Handshake { get; init; }

    /// <summary>TLS of the session.</summary>
    public required SessionTls Tls { get; init; }

    /// <summary>The DTLS certificate; null = none.</summary>
    public required ISessionCertificate? Certificate { get; init; }

    /// <summary>The kinds of path that can be tried.</summary>
    public required IReadOnlyList<IPathMaker> Makers { get; init; }

    /// <summary>Times.</summary>
    public required PeeringOptions Options { get; init; }

    /// <summary>Sends a signal, and says whether the link stood; nothing happens while it is down.</summary>
    public required Func<Signal, bool> Send { get; init; }

    /// <summary>Asks for a circuit; nothing happens while the link is down.</summary>
    public required Action<CircuitRequest> Request { get; init; }

    /// <summary>Told when the session is disposed of.</summary>
    public required Action<PeerSession> Leave { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Lifecycle, never content.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        Tls.Dispose();
        Certificate?.Dispose();
        Handshake.Dispose();
    }
}
