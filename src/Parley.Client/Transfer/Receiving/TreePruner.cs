using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;
using Parley.Client.Transfer.Sending;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Receiving;

/// <summary>Removes from folders that were sent what their sender does not have, but for what it left out on purpose, and for partial files. Links are removed, never followed.</summary>
/// <remarks>What cannot be removed stays, with the folders that lead to it, and keeps nothing else from going.</remarks>
internal sealed class TreePruner(Folder root, Manifest manifest)
{
    private readonly Dictionary<string, int> _known = manifest.Entries.Select(static (entry, number) => (Path: PathTable.Fold(entry.Path), number)).ToDictionary(StringComparer.Ordinal);
    private readonly ExcludePatterns _excludes = new(manifest.Patterns);
    private readonly Dictionary<int, int> _left = [];
    private int _deleted;

    /// <summary>Removes.</summary>
    /// <returns>How many files and folders went; and how many could not be removed, by the folder of the manifest that they are in.</returns>
    public (int Deleted, IReadOnlyDictionary<int, int> Left) Prune()
    {
        for (var number = 0; number < manifest.Entries.Count; number++)
        {
            if (manifest.Entries[number] is { Kind: EntryKind.Folder } entry && !entry.Path.Contains('/', StringComparison.Ordinal))
            {
                Try(number, () => PruneBelow(root, entry.Path, entry.Path, string.Empty, number));
            }
        }

        return (_deleted, _left);
    }

    // True when nothing is in it any more.
    private bool PruneBelow(Folder parent, string name, string path, string below, int owner)
    {
        using var folder = parent.Enter(name, makes: false);
        var isEmpty = true;
        foreach (var child in folder?.List() ?? [])
        {
            isEmpty &= Try(owner, () => PruneOne(folder!, child, $"{path}/{child}", below.Length == 0 ? child : $"{below}/{child}", owner));
        }

        return isEmpty;
    }

    // True when the name is gone.
    private bool PruneOne(Folder folder, string name, string path, string relative, int owner)
    {
        var type = folder.Look(name)?.Type;
        var isFolder = type == FileType.Folder;
        if (_excludes.Match(relative, isFolder) || name.StartsWith(SafePath.PartialPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        if (type is null)
        {
            // Somebody else was faster; or its name is no UTF-8, so that there is no asking for it.
            return name.Contains('\ufffd', StringComparison.Ordinal) ? throw new IOException("The name cannot be said.") : true;
        }

        var isKnown = _known.TryGetValue(PathTable.Fold(path), out var number);
        var isBare = !isFolder || PruneBelow(folder, name, path, relative, isKnown && manifest.Entries[number].Kind == EntryKind.Folder ? number : owner);
        if (isKnown || !isBare)
        {
            return false;
        }

        if (isFolder)
        {
            folder.DeleteFolder(name);
        }
        else
        {
            folder.Delete(name);
        }

        _deleted++;
        return true;
    }

    private bool Try(int owner, Func<bool> prune)
    {
        try
        {
            return prune();
        }
        catch (Exception exception) when (DiskFaults.Is(exception) || exception is ParleyException { Code: ErrorCode.TransferPath })
        {
            _left[owner] = _left.GetValueOrDefault(owner) + 1;
            return false;
        }
    }
}
