using System.Net;

namespace Parley.Client.PeerApi.Serving;

/// <summary>How the agent API is served.</summary>
public sealed record PeerServerOptions
{
    /// <summary>Where it listens. Default: this machine alone.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Its port; 0 = any. Default 3100.</summary>
    public int Port { get; init; } = Entries.PeerEntry.DefaultPort;

    /// <summary>Largest body of a request in bytes. <value>Default 6 MiB.</value></summary>
    public int MaxBodyBytes { get; init; } = 6 * 1024 * 1024;

    /// <summary>Most connections at the same time. <value>Default 256.</value></summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Most connections of one address (IPv6: one network of 64 bits) on which no request was proved yet; further ones are closed at once. <value>Default 32.</value></summary>
    public int MaxStrangersPerAddress { get; init; } = 32;

    /// <summary>Most connections of one peer; further ones count as those of strangers. <value>Default 64.</value></summary>
    public int MaxConnectionsPerPeer { get; init; } = 64;

    /// <summary>Runs at the same time, 1 or more, as the card tells it; its load is a share of these.</summary>
    public int MaxSessions { get; init; } = 4;

    /// <summary>The kind of responder, one of <see cref="Entries.PeerEntry.Responders"/>; null for another: only peers that may ask any reach it.</summary>
    public string? Responder { get; init; }

    /// <summary>Told the name of each peer whose request was proved.</summary>
    public Action<string>? OnSeen { get; init; }

    /// <summary>The file that keeps who asked how often; null keeps it in memory.</summary>
    public string? RatesFile { get; init; }

    /// <summary>Our version, as the card tells it.</summary>
    public string Version { get; init; } = string.Empty;
}
