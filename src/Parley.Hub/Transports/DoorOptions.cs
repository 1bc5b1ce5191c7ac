namespace Parley.Hub.Transports;

/// <summary>How long the doors wait for a client that says nothing, or says it slowly. Such clients cost a connection each until their time is up, and nothing else. And how often strangers may fail.</summary>
internal sealed class DoorOptions
{
    /// <summary>Connections that may be open at once, links included; one more is closed as it comes.</summary>
    /// <value>0 = no limit, to 10,000,000; 100,000.</value>
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>Time for a TLS handshake, and then for a link's own: hello, challenge, proof.</summary>
    /// <value>100 ms to 5 minutes; 10 seconds.</value>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time from the first byte of an HTTP request to the end of its headers.</summary>
    /// <value>1 second to 5 minutes; 15 seconds.</value>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection may stay open without a request; links count as one for as long as they stand.</summary>
    /// <value>1 second to 1 hour; 2 minutes.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Slowest body of a request, after <see cref="BodyGrace"/>; links are not measured.</summary>
    /// <value>1 to 1,000,000 bytes per second; 240.</value>
    public double MinBodyBytesPerSecond { get; set; } = 240;

    /// <summary>Time before a body's rate counts.</summary>
    /// <value>2 seconds to 1 minute; 5 seconds.</value>
    public TimeSpan BodyGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bad keys from one address at once; as many come back in a minute.</summary>
    /// <value>1 to 100,000; 30.</value>
    public int BadKeysPerMinute { get; set; } = 30;

    /// <summary>Refused attempts to join from one address at once; as many come back in a minute. Good ones are bounded by their tokens.</summary>
    /// <value>1 to 100,000; 20.</value>
    public int RefusedJoinsPerMinute { get; set; } = 20;

    /// <summary>How long a stream of events may say nothing before a comment keeps it open.</summary>
    /// <value>100 ms to 10 minutes; 15 seconds.</value>
    public TimeSpan StreamHeartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Calls of agents by one credential at once; as many come back in a minute.</summary>
    /// <value>1 to 100,000,000; 60,000.</value>
    public int AgentCallsPerMinute { get; set; } = 60_000;

    /// <summary>How long the method <c>message</c> waits for an agent to take the message. There is no task to come back for, so the message goes when the wait ends.</summary>
    /// <value>1 second to 1 hour; 30 seconds.</value>
    public TimeSpan MessageWait { get; set; } = TimeSpan.FromSeconds(30);
}
