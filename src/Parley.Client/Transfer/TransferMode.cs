namespace Parley.Client.Transfer;

/// <summary>What the sender asks of a transfer beyond its files.</summary>
[Flags]
public enum TransferMode
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Update the receiver's copies: of a file that is there only changed chunks travel, and it is replaced.</summary>
    Sync = 1,

    /// <summary>With <see cref="Sync"/>: remove what the sender does not have from folders that are sent.</summary>
    Delete = 2,

    /// <summary>Tell unchanged files by their chunks' hashes, not by size and time.</summary>
    Checksum = 4,

    /// <summary>Leave the plain SHA-256 of large files away.</summary>
    NoFileHash = 8,
}
