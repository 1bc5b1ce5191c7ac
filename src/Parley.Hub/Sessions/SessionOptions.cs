using Parley.Protocol.Link;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Hub.Sessions;

/// <summary>What a link is told when it attaches.</summary>
internal sealed class SessionOptions
{
    /// <summary>Within this a silent link is pinged; two and a half times this without a frame ends the session.</summary>
    /// <value>1 second to 10 minutes; 30 seconds.</value>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time over which clients are asked to leave when the node shuts down.</summary>
    /// <value>0 to 5 minutes; 3 seconds.</value>
    public TimeSpan DrainSpread { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Deliveries that a client may leave unacknowledged.</summary>
    /// <value>1 to 65,536; 1,024.</value>
    public int Window { get; set; } = 1024;

    /// <summary>UDP port of the hub's STUN server, once it is open; 0 for none.</summary>
    public int StunPort { get; set; }

    /// <summary>The welcome of a session.</summary>
    public Welcome ToWelcome(SessionTicket ticket) => new()
    {
        Session = ticket.Id,
        Epoch = ticket.Epoch,
        Address = ticket.Agent.ToString(),
        HeartbeatSeconds = (uint)Heartbeat.TotalSeconds,
        MaxBodyBytes = MessagingLimits.MaxBodyBytes,
        ChunkBytes = MessagingLimits.ChunkBytes,
        Window = (uint)Window,
        DefaultTtlMs = (ulong)MessagingLimits.DefaultTimeToLive.TotalMilliseconds,
        HubVersion = typeof(SessionOptions).Assembly.GetName().Version?.ToString(3) ?? "0",
        Capabilities = { LinkCapabilities.Rooms, LinkCapabilities.Signals, LinkCapabilities.Relay },
        StunPort = (uint)StunPort,
    };
}
