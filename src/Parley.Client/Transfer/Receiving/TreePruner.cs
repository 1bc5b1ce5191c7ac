using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;
using Parley.Client.Transfer.Sending;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Removes from folders that were sent what their sender does not have, but for what it left out on purpose, and for partial files. Links are removed, never followed.</summary>
internal sealed class TreePruner(Folder root, Manifest manifest)
{
    private readonly HashSet<string> _known = manifest.Entries.Select(static entry => PathTable.Fold(entry.Path)).ToHashSet(StringComparer.Ordinal);
    private readonly ExcludePatterns _excludes = new(manifest.Patterns);

    /// <summary>Removes.</summary>
    /// <returns>How many files and folders went.</returns>
    public int Prune()
    {
        var deleted = 0;
        foreach (var entry in manifest.Entries.Where(static entry => entry.Kind == EntryKind.Folder && !entry.Path.Contains('/', StringComparison.Ordinal)))
        {
            try
            {
                using var folder = root.Enter(entry.Path, makes: false);
                deleted += folder is null ? 0 : Prune(folder, entry.Path, string.Empty).Deleted;
            }
            catch (Exception exception) when (DiskFaults.Is(exception) || exception is ParleyException { Code: ErrorCode.TransferPath })
            {
                // What cannot be removed stays; nothing was lost.
            }
        }

        return deleted;
    }

    private (int Deleted, bool IsEmpty) Prune(Folder folder, string path, string below)
    {
        var (deleted, isEmpty) = (0, true);
        foreach (var name in folder.List())
        {
            var relative = below.Length == 0 ? name : $"{below}/{name}";
            var isFolder = folder.Look(name)?.Type == FileType.Folder;
            if (_excludes.Match(relative, isFolder) || name.StartsWith(SafePath.PartialPrefix, StringComparison.Ordinal))
            {
                isEmpty = false;
                continue;
            }

            var isBare = true;
            if (isFolder)
            {
                using var inside = folder.Enter(name, makes: false);
                var inner = inside is null ? (Deleted: 0, IsEmpty: true) : Prune(inside, $"{path}/{name}", relative);
                deleted += inner.Deleted;
                isBare = inner.IsEmpty;
            }

            if (_known.Contains(PathTable.Fold($"{path}/{name}")) || !isBare)
            {
                isEmpty = false;
            }
            else
            {
                Remove(folder, name, isFolder);
                deleted++;
            }
        }

        return (deleted, isEmpty);
    }

    private static void Remove(Folder folder, string name, bool isFolder)
    {
        if (isFolder)
        {
            folder.DeleteFolder(name);
        }
        else
        {
            folder.Delete(name);
        }
    }
}
