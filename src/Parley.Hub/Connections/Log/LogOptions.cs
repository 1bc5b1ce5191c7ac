namespace Parley.Hub.Connections.Log;

/// <summary>Limits of the message log.</summary>
internal sealed class LogOptions
{
    /// <summary>How long rows are kept.</summary>
    /// <value>1 h to 10 years; 30 days.</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Rows that may wait for the store.</summary>
    /// <value>1 to 10,000,000; 65,536.</value>
    public int QueueLength { get; set; } = 65_536;

    /// <summary>Largest body whose content mode full keeps, in bytes; of a larger one its size stands there.</summary>
    /// <value>0 to 16 MiB; 64 KiB.</value>
    public long MaxContentBytes { get; set; } = 64 * 1024;

    /// <summary>Content that may wait for the store, in bytes; beyond it a message's size stands in its place.</summary>
    /// <value>1 MiB to 1 GiB; 64 MiB.</value>
    public long MaxQueuedBytes { get; set; } = 64L * 1024 * 1024;
}
