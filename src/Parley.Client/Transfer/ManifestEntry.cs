namespace Parley.Client.Transfer;

/// <summary>A file or folder that is offered.</summary>
/// <param name="Path">Relative, parts joined by <c>/</c>; checked by both ends, but shown only through a filter for terminals.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Bytes; 0 for folders and streams.</param>
/// <param name="ModifiedNs">Last write in nanoseconds since 1970, UTC.</param>
/// <param name="Stamp">A number that changes when the sender's file does; chunks of two stamps are never put together.</param>
/// <param name="IsExecutable">Its owner may run it.</param>
public sealed record ManifestEntry(string Path, EntryKind Kind, long Size, long ModifiedNs, ulong Stamp, bool IsExecutable);
