using System.Net;

namespace Parley.Client.Peering.Paths;

/// <summary>How this machine meets others over TCP.</summary>
public sealed record TcpPathOptions
{
    /// <summary>Whether a port is opened while a path is looked for; without one this end only dials.</summary>
    /// <value>True.</value>
    public bool Listens { get; init; } = true;

    /// <summary>The ports that may be opened, for a firewall that lets some through.</summary>
    /// <value>0 to 0: any that is free.</value>
    public (int First, int Last) Ports { get; init; }

    /// <summary>The addresses that the other end is told; empty = those of this machine's interfaces. For a machine behind a router that forwards the port.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>How long one connection, with its TLS handshake, may take.</summary>
    /// <value>5 seconds.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Addresses of the other end that are dialled, and addresses that it is told.</summary>
    /// <value>16.</value>
    public int MaxCandidates { get; init; } = 16;

    /// <summary>Connections that came in and are not proved yet; further ones are closed at once.</summary>
    /// <value>16.</value>
    public int MaxUnproved { get; init; } = 16;
}
