namespace Parley.Hub.Outbound;

/// <summary>What one kind of outbound call may do. Calls under an equal policy share their connections.</summary>
/// <param name="Addresses">Which addresses may be called.</param>
internal sealed record OutboundPolicy(AddressPolicy Addresses)
{
    /// <summary>Ports that may be called; empty = all.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>How long a connection may take to come up, the name's resolution and TLS included.</summary>
    /// <value>10 seconds.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer's headers may take, the connection included.</summary>
    /// <value>30 seconds.</value>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer may be silent once it began; it bounds streams that nobody feeds any more.</summary>
    /// <value>60 seconds: four of the heartbeats that streams usually carry.</value>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Largest answer, in bytes.</summary>
    /// <value>16 MiB.</value>
    public long MaxResponseBytes { get; init; } = 16 * 1024 * 1024;
}
