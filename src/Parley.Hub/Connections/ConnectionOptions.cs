namespace Parley.Hub.Connections;

/// <summary>Limits and times of connections, events and deliveries.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>Whether owners may connect their own agents; else admins alone do.</summary>
    /// <value>False.</value>
    public bool AreOwnersAllowed { get; set; }

    /// <summary>Connections of one owner.</summary>
    /// <value>1 to 1,000,000; 10,000.</value>
    public int MaxPerOwner { get; set; } = 10_000;

    /// <summary>Largest data of one event, in bytes.</summary>
    /// <value>1 KiB to 1 MiB; 64 KiB.</value>
    public long MaxEventBytes { get; set; } = 64 * 1024;

    /// <summary>Deliveries that events of one trace may bring in about an hour; more are dead letters.</summary>
    /// <value>0 = no limit; 10,000.</value>
    public int ChainDeliveries { get; set; } = 10_000;

    /// <summary>Schedules of one owner.</summary>
    /// <value>1 to 1,000,000; 1,000.</value>
    public int MaxSchedules { get; set; } = 1000;

    /// <summary>Largest state of one agent, in bytes.</summary>
    /// <value>1 KiB to 1 MiB; 64 KiB.</value>
    public long MaxStateBytes { get; set; } = 64 * 1024;

    /// <summary>Events that one owner may emit in a minute, changes of states among them.</summary>
    /// <value>1 to 10,000,000; 60,000.</value>
    public int EventsPerMinute { get; set; } = 60_000;

    /// <summary>How long an event can be read again, unless a delivery needs it longer.</summary>
    /// <value>1 min to 10 years; 7 days.</value>
    public TimeSpan EventRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a delivery that was taken is kept, with its attempts.</summary>
    /// <value>1 min to 10 years; 7 days.</value>
    public TimeSpan DeliveryRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a dead letter can be replayed.</summary>
    /// <value>1 min to 10 years; 30 days.</value>
    public TimeSpan DeadLetterRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long one attempt may take.</summary>
    /// <value>1 s to 1 min; 15 s.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts until a delivery is a dead letter.</summary>
    /// <value>1 to 100; 10.</value>
    public int MaxAttempts { get; set; } = Webhooks.RetrySchedule.MaxAttempts;

    /// <summary>Deliveries to one connection that may be under way at the same time.</summary>
    /// <value>1 to 1,000; 16.</value>
    public int PerConnection { get; set; } = 16;

    /// <summary>Deliveries in all that may be under way at the same time.</summary>
    /// <value>1 to 10,000; 128.</value>
    public int Concurrency { get; set; } = 128;

    /// <summary>How long an endpoint may fail without one success before its connection is disabled.</summary>
    /// <value>1 min to 10 years; 5 days.</value>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>Streams of events, and waits for events and states, that may be open at the same time.</summary>
    /// <value>1 to 100,000; 2,000.</value>
    public int MaxStreams { get; set; } = 2000;

    /// <summary>Of them, those that callers of one owner may have; admins are not held to it.</summary>
    /// <value>1 to 100,000; 500.</value>
    public int StreamsPerOwner { get; set; } = 500;
}
