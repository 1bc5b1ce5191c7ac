namespace Parley.Client.Transfer;

/// <summary>How much of everything a transfer may hold, whoever is at the other end. Each end applies its own; docs/protocol/transfer.md lists the defaults.</summary>
public sealed record TransferLimits
{
    /// <summary>Smallest chunk, in bytes.</summary>
    public const int MinChunkBytes = 4 << 10;

    /// <summary>Largest chunk, in bytes.</summary>
    public const int MaxChunkBytes = 4 << 20;

    /// <summary>Bytes that travel and are checked together.</summary>
    /// <value>4 KiB to 4 MiB, in steps of 4 KiB; default 1 MiB. A file up to one chunk travels in one frame; a larger chunk costs memory (about 24 of them at each end), a smaller one costs time.</value>
    public int ChunkBytes { get; init; } = 1 << 20;

    /// <summary>Files and folders of one transfer.</summary>
    /// <value>At least 1; default 1,000,000, which cost about 300 bytes of memory each.</value>
    public int MaxEntries { get; init; } = 1_000_000;

    /// <summary>All paths of one transfer together, in characters.</summary>
    /// <value>Default 128 Mi.</value>
    public long MaxPathsLength { get; init; } = 128 << 20;

    /// <summary>One path, in bytes of UTF-8.</summary>
    /// <value>1 to 32,767; default 4,096.</value>
    public int MaxPathBytes { get; init; } = 4096;

    /// <summary>Parts of one path.</summary>
    /// <value>Default 100; each costs an open descriptor while files in it are written.</value>
    public int MaxDepth { get; init; } = 100;

    /// <summary>Bytes of all files together, and of a stream whose length nobody knows before.</summary>
    /// <value>Default 2^60: what is free on the disk decides.</value>
    public long MaxBytes { get; init; } = 1L << 60;

    /// <summary>Chunks of one file or stream, since a receiver remembers the hash of each until it is whole.</summary>
    /// <value>1 to 33,554,432; default 16 Mi, which cost up to 1 GiB of memory; a file of 16 TiB in chunks of 1 MiB.</value>
    public int MaxChunks { get; init; } = 16 << 20;

    /// <summary>Patterns of <c>--exclude</c>.</summary>
    /// <value>Default 1,000, of at most 1,000 characters each.</value>
    public int MaxPatterns { get; init; } = 1000;

    /// <summary>How long the other end may say nothing before the path counts as broken.</summary>
    /// <value>Default 20 s; an end that has nothing to say says so after a quarter of it.</value>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Paths in a row that may break without a byte of progress.</summary>
    /// <value>Default 5.</value>
    public int MaxIdlePaths { get; init; } = 5;

    /// <summary>How often what was written is forced to the disk while a large file comes in, so that a machine that loses power goes on from there.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When a partial file that nobody touched is removed from a folder that something is received into.</summary>
    /// <value>Default 7 days.</value>
    public TimeSpan MaxPartialAge { get; init; } = TimeSpan.FromDays(7);
}
