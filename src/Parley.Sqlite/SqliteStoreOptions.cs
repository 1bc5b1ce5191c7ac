namespace Parley.Sqlite;

/// <summary>How a <see cref="SqliteStore"/> opens its file and groups its writes.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The database file; its folder must exist. Not used by <see cref="Durability.Memory"/>.</summary>
    public string File { get; init; } = string.Empty;

    /// <summary>What a completed write has survived.</summary>
    /// <value>Default <see cref="Durability.Full"/>.</value>
    public Durability Durability { get; init; } = Durability.Full;

    /// <summary>Most works that one transaction takes.</summary>
    /// <value>1 to 100,000; default 1,024. More helps throughput, fewer shorten the wait of the first.</value>
    public int MaxBatch { get; init; } = 1024;

    /// <summary>How long one transaction runs works before it commits.</summary>
    /// <value>Default 20 ms.</value>
    public TimeSpan MaxBatchTime { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Works that may wait for the writer; further ones are refused, so that a stalled disk does not fill the memory.</summary>
    /// <value>Default 100,000.</value>
    public int MaxQueued { get; init; } = 100_000;

    /// <summary>Connections that read at the same time.</summary>
    /// <value>1 to 64; default 4. Each keeps a page cache of up to 2 MB.</value>
    public int Readers { get; init; } = 4;

    /// <summary>Pages that the writer keeps in memory, in bytes; taken as they are needed.</summary>
    /// <value>Default 16 MiB.</value>
    public long WriterCacheBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a statement waits for another process that holds the file.</summary>
    /// <value>Whole seconds; default 5 s.</value>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How large the write-ahead log grows before it is moved into the database, in bytes. The larger it is, the more often a page was written again meanwhile and is moved once.</summary>
    /// <value>1 MiB or more; default 16 MiB.</value>
    public long JournalSizeLimitBytes { get; init; } = 16 * 1024 * 1024;
}
