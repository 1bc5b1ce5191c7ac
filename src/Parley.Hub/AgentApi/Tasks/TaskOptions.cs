namespace Parley.Hub.AgentApi.Tasks;

/// <summary>Limits and times of tasks.</summary>
internal sealed class TaskOptions
{
    /// <summary>How long a task is kept after its last change, unless an agent still works on it.</summary>
    /// <value>1 minute to 10 years; 7 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Tasks of one owner that agents may have in hand at the same time.</summary>
    /// <value>1 to 1,000,000; 10,000.</value>
    public int MaxOpenPerOwner { get; set; } = 10_000;

    /// <summary>Tasks of one owner that the store keeps.</summary>
    /// <value>1 to 100,000,000; 1,000,000.</value>
    public int MaxPerOwner { get; set; } = 1_000_000;

    /// <summary>Bytes of all events of one task, artifacts above all.</summary>
    /// <value>64 KiB to 1 GiB; 64 MiB.</value>
    public long MaxBytes { get; set; } = 64L << 20;

    /// <summary>Events of one task.</summary>
    /// <value>16 to 10,000,000; 100,000.</value>
    public int MaxEvents { get; set; } = 100_000;

    /// <summary>Streams that may follow one task at the same time.</summary>
    /// <value>1 to 100,000; 100.</value>
    public int MaxStreams { get; set; } = 100;

    /// <summary>Push configs of one task.</summary>
    /// <value>1 to 1,000; 10.</value>
    public int MaxPushConfigs { get; set; } = 10;

    /// <summary>How long a send waits for the task before it answers with the task as it is.</summary>
    /// <value>1 second to 1 hour; 4 minutes, which is below the patience of most HTTP clients.</value>
    public TimeSpan SendWait { get; set; } = TimeSpan.FromMinutes(4);

    /// <summary>How long a send waits while the message lies in the mailbox of an agent that is offline.</summary>
    /// <value>0 to 1 hour; 10 seconds.</value>
    public TimeSpan HeldWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a cancel waits for the agent's word.</summary>
    /// <value>0 to 1 minute; 5 seconds.</value>
    public TimeSpan CancelWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long streams and waits of a task hold out while the store takes nothing; then they end with <c>unavailable</c>, and can be taken up again. The task goes on.</summary>
    /// <value>0 to 1 hour; 10 seconds.</value>
    public TimeSpan StoreWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an agent that took a message may be silent before its task, or the turn that a connection gave it, fails. A listener at work gives a sign of life every 10 seconds; a person may take days.</summary>
    /// <value>1 minute to 30 days; 7 days.</value>
    public TimeSpan Silence { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long one push notification may take.</summary>
    /// <value>1 second to 1 minute; 10 seconds.</value>
    public TimeSpan PushTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often one push notification is tried before what waits for that address is given up.</summary>
    /// <value>1 to 100; 10.</value>
    public int PushAttempts { get; set; } = 10;

    /// <summary>Push notifications that may be on their way at the same time.</summary>
    /// <value>1 to 10,000; 32.</value>
    public int PushConcurrency { get; set; } = 32;
}
