using Parley.Client.Peering;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer;

/// <summary>A file that did not get there.</summary>
/// <param name="Path">Its path in the manifest.</param>
/// <param name="Code">Why.</param>
/// <param name="Reason">In a sentence.</param>
public sealed record EntryFailure(string Path, ErrorCode Code, string Reason);

/// <summary>What became of a transfer.</summary>
/// <param name="Transfer">Its id, the same at both ends.</param>
/// <param name="Path">The last path that was used.</param>
/// <param name="Files">Files that came and were verified.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Unchanged">Files that the receiver had already, or did not want.</param>
/// <param name="Deleted">Files and folders that were removed at the receiver, since the sender does not have them.</param>
/// <param name="Elapsed">From the first path to the end.</param>
/// <param name="Sha256">
/// Of the one file that came; of several, of their list as <c>sha256sum</c> prints it, in the order in which they were sent. Null when some hash is not known, or nothing came.
/// </param>
/// <param name="Failures">Files that did not get there; at most 1,000 of them.</param>
/// <param name="FailedCount">How many did not.</param>
public sealed record TransferResult(
    string Transfer, PathKind Path, int Files, long Bytes, int Unchanged, int Deleted, TimeSpan Elapsed, string? Sha256, IReadOnlyList<EntryFailure> Failures, int FailedCount);
