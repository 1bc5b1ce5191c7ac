namespace Parley.Client.Chat.Wire;

/// <summary>Which way of which file a frame belongs to.</summary>
/// <param name="IsSpeakers">Whether whoever says it offered the file.</param>
/// <param name="File">The number of the offer.</param>
/// <param name="Try">From 1: a file has a new way after one that broke. 0 in a close: there will be none any more.</param>
/// <remarks>13 bytes: 1 when the speaker offered it, else 0 (1) | file (8) | try (4).</remarks>
internal readonly record struct FileRoute(bool IsSpeakers, long File, int Try);
