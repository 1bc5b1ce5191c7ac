namespace Parley.Client.Transfer;

/// <summary>What an entry of a manifest is.</summary>
public enum EntryKind
{
    /// <summary>A file of known size.</summary>
    File = 0,

    /// <summary>A folder.</summary>
    Folder = 1,

    /// <summary>Standard input: its size is known when it ends.</summary>
    Stream = 2,
}
