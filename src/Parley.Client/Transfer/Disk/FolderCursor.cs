namespace Parley.Client.Transfer.Disk;

/// <summary>Walks below one folder: keeps those open that lead to the last path asked for, so that a path costs as many steps as it differs from the one before.</summary>
internal sealed class FolderCursor(Folder root) : IDisposable
{
    private readonly List<(string Name, Folder Folder)> _open = [];
    private string? _last;

    private Folder Here => _open.Count == 0 ? root : _open[^1].Folder;

    /// <summary>Opens the folder of a path.</summary>
    /// <param name="path">Parts joined by <c>/</c>; empty for the root itself.</param>
    /// <param name="makes">Whether missing ones are made.</param>
    /// <returns>The folder, good until the next call; null when there is none.</returns>
    public Folder? Enter(string path, bool makes)
    {
        if (path == _last)
        {
            return Here;
        }

        _last = null;
        var parts = path.Length == 0 ? [] : path.Split('/');
        var shared = 0;
        while (shared < parts.Length && shared < _open.Count && parts[shared] == _open[shared].Name)
        {
            shared++;
        }

        Close(shared);
        foreach (var part in parts.AsSpan(shared))
        {
            if (Here.Enter(part, makes) is not { } next)
            {
                return null;
            }

            _open.Add((part, next));
        }

        _last = path;
        return Here;
    }

    /// <summary>Opens the folder that a file lies in.</summary>
    public Folder? EnterParent(string path, bool makes) => Enter(ParentOf(path), makes);

    /// <summary>All but the last part.</summary>
    public static string ParentOf(string path) => path.LastIndexOf('/') is var slash and >= 0 ? path[..slash] : string.Empty;

    /// <summary>The last part.</summary>
    public static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Forgets what is open, since names may have changed.</summary>
    public void Reset()
    {
        Close(0);
        _last = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Close(0);

    private void Close(int from)
    {
        for (var index = _open.Count - 1; index >= from; index--)
        {
            _open[index].Folder.Dispose();
            _open.RemoveAt(index);
        }
    }
}
