namespace Parley.Hub.Transports.Stun;

/// <summary>The hub's STUN server, which tells agents the address that others see them at.</summary>
internal sealed class StunOptions
{
    /// <summary>The port of <c>--stun-port</c> without a number.</summary>
    public const int DefaultPort = 3478;

    /// <summary>UDP port; 0 picks a free one, null answers nobody.</summary>
    /// <value>Null.</value>
    public int? Port { get; set; }

    /// <summary>Answers per second to one address (an IPv6 network of 64 bits is one); what is beyond is dropped.</summary>
    /// <value>1 to 1,000,000; 50.</value>
    public int AnswersPerSecond { get; set; } = 50;
}
