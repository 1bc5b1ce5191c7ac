using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Removes partial files that nobody went on with.</summary>
/// <remarks>
/// The bytes say little about their age: a file that is about to be named has its sender's time already. So a state answers for them, written with each chunk, locked while somebody receives;
/// where there is none, the time of the last change that nobody can set.
/// </remarks>
internal static class StalePartials
{
    /// <summary>Cleans one folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="maxAge">How old they may be.</param>
    /// <param name="now">The time.</param>
    /// <returns>How many files were removed.</returns>
    public static int Clean(Folder folder, TimeSpan maxAge, DateTimeOffset now)
    {
        var removed = 0;
        try
        {
            foreach (var name in folder.List().Where(IsOurs))
            {
                removed += TryRemove(folder, name, now - DateTimeOffset.UnixEpoch - maxAge) ? 1 : 0;
            }
        }
        catch (Exception exception) when (DiskFaults.Is(exception))
        {
            // A folder that cannot be listed is left as it is.
        }

        return removed;
    }

    private static bool TryRemove(Folder folder, string name, TimeSpan limit)
    {
        try
        {
            var state = Path.ChangeExtension(name, ".state");
            if (folder.Look(name) is not { Type: FileType.File, IsOurs: true } facts || TouchedNs(facts, name == state ? facts : folder.Look(state)) / 100 >= limit.Ticks)
            {
                return false;
            }

            // Nobody begins to go on with it while it goes.
            using var held = folder.OpenFile(state, writes: true);
            if (held is not null && !PartialFile.TryLock(held))
            {
                return false;
            }

            folder.Delete(name);
            return true;
        }
        catch (Exception exception) when (DiskFaults.Is(exception))
        {
            // Held by somebody, or not ours to remove.
            return false;
        }
    }

    private static long TouchedNs(FileFacts facts, FileFacts? state) => state?.ModifiedNs ?? Math.Max(facts.ModifiedNs, facts.ChangedNs);

    private static bool IsOurs(string name) =>
        name.StartsWith(SafePath.PartialPrefix, StringComparison.Ordinal) && (name.EndsWith(".part", StringComparison.Ordinal) || name.EndsWith(".state", StringComparison.Ordinal));
}
