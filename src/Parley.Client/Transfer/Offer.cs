namespace Parley.Client.Transfer;

/// <summary>What a sender offers, and what taking it would do here; shown before anything is taken.</summary>
/// <param name="Manifest">All files and folders.</param>
/// <param name="Files">Files that would come, whole or in part.</param>
/// <param name="Bytes">How many bytes at most; without streams of unknown length.</param>
/// <param name="Unchanged">Files that are here already.</param>
/// <param name="Resumed">Bytes that are here from an earlier try.</param>
/// <param name="Conflicts">Files whose names are taken by others; the policy says what becomes of them.</param>
/// <param name="Replaced">Files here that would be replaced.</param>
/// <param name="Refused">Files that cannot be written, by a link or a folder in their way for example.</param>
/// <param name="FreeBytes">Room on the disk; negative when the system does not say.</param>
/// <param name="Examples">Some names that are taken.</param>
public sealed record Offer(
    Manifest Manifest, int Files, long Bytes, int Unchanged, long Resumed, int Conflicts, int Replaced, int Refused, long FreeBytes, IReadOnlyList<string> Examples);
