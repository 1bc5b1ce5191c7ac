namespace Parley.Hub.Outbound;

/// <summary>What an operator sets about calls to addresses that somebody else chose.</summary>
internal sealed class OutboundOptions
{
    /// <summary>What may be called beyond public addresses, by <c>--allow-outbound</c>.</summary>
    /// <value>Nothing.</value>
    public OutboundAllowList Allowed { get; set; } = OutboundAllowList.None;

    /// <summary>Ports that may be called; empty = all.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<int> Ports { get; set; } = [];

    /// <summary>How long a connection may take to come up.</summary>
    /// <value>100 ms to 5 min; 10 s.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the headers of an answer may take.</summary>
    /// <value>1 s to 1 h; 30 s.</value>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer may be silent once it began.</summary>
    /// <value>1 s to 24 h; 60 s.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Largest answer that is read.</summary>
    /// <value>1 KiB to 1 GiB; 16 MiB.</value>
    public long MaxResponseBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The policy that these options come to.</summary>
    public OutboundPolicy ToPolicy() => new(new AddressPolicy(Allowed))
    {
        Ports = Ports,
        ConnectTimeout = ConnectTimeout,
        ResponseTimeout = ResponseTimeout,
        IdleTimeout = IdleTimeout,
        MaxResponseBytes = MaxResponseBytes,
    };
}
