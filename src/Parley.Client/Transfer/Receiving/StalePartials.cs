using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Removes partial files that nobody went on with.</summary>
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
                if (folder.Look(name) is { Type: FileType.File, IsOurs: true } facts && now - DateTimeOffset.UnixEpoch - TimeSpan.FromTicks(facts.ModifiedNs / 100) > maxAge)
                {
                    folder.Delete(name);
                    removed++;
                }
            }
        }
        catch (Exception exception) when (DiskFaults.Is(exception))
        {
            // A folder that cannot be listed or cleaned is left as it is.
        }

        return removed;
    }

    private static bool IsOurs(string name) =>
        name.StartsWith(SafePath.PartialPrefix, StringComparison.Ordinal) && (name.EndsWith(".part", StringComparison.Ordinal) || name.EndsWith(".state", StringComparison.Ordinal));
}
