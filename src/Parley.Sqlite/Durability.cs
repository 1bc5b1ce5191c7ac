namespace Parley.Sqlite;

/// <summary>What a completed write has survived.</summary>
public enum Durability
{
    /// <summary>A power cut: every group of writes is flushed to the disk before its tasks complete (<c>synchronous=FULL</c>).</summary>
    Full,

    /// <summary>A killed process, but the last moments before a power cut may be missing (<c>synchronous=NORMAL</c>). About three times as many small commits.</summary>
    Normal,

    /// <summary>Nothing: the database lives in memory. For tests and benchmarks.</summary>
    Memory,
}
