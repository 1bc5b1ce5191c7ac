namespace Parley.Hub.Signalling;

/// <summary>Limits of what agents tell each other in order to meet, and of circuits between them.</summary>
internal sealed class SignalOptions
{
    /// <summary>Signals that one agent may send in a minute, on all its links together; as many at once.</summary>
    /// <value>10 to 1,000,000; 600.</value>
    public int SignalsPerMinute { get; set; } = 600;

    /// <summary>Largest payload of one signal.</summary>
    /// <value>1 KiB to 128 KiB; 32 KiB: twice what a browser's description of a call needs.</value>
    public long MaxSignalBytes { get; set; } = 32 * 1024;

    /// <summary>Relay circuits of this node, open ones and those that wait for an end.</summary>
    /// <value>0 to 100,000; 1,000. 0 = none are made.</value>
    public int MaxCircuits { get; set; } = 1_000;

    /// <summary>Relay circuits that one agent may have a part in.</summary>
    /// <value>1 to 100,000; 16.</value>
    public int CircuitsPerAgent { get; set; } = 16;

    /// <summary>Bytes per second that one circuit may carry, both ways counted apart.</summary>
    /// <value>0 or more; 0 = no limit.</value>
    public long CircuitBytesPerSecond { get; set; }

    /// <summary>How long a circuit may carry nothing before it is cut.</summary>
    /// <value>1 second to 1 day; 5 minutes.</value>
    public TimeSpan CircuitIdle { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long both ends have to come in.</summary>
    /// <value>1 second to 10 minutes; 30 seconds.</value>
    public TimeSpan TicketLifetime { get; set; } = TimeSpan.FromSeconds(30);
}
