using Microsoft.Win32.SafeHandles;
using Parley.Client.Transfer.Disk;
using Parley.Client.Transfer.Paths;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Sending;

/// <summary>The files and folders that are sent: walked once for the manifest, opened again one by one. Nothing is opened through a link, whatever is swapped meanwhile, unless links are followed.</summary>
internal sealed class SourceTree : IDisposable
{
    private readonly List<Root> _roots = [];
    private readonly List<(int First, Root Root)> _firsts = [];
    private readonly Dictionary<int, string> _localPaths = [];
    private readonly ExcludePatterns _excludes;
    private readonly SendOptions _options;
    private readonly Manifest _manifest;
    private readonly Func<string, Folder> _open;

    /// <summary>Opens the folders that the paths lie in.</summary>
    /// <param name="options">What is sent.</param>
    /// <param name="manifest">Where its entries go.</param>
    /// <param name="open">Opens a folder by its path; null for the disk's.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>, or a path without a name.</exception>
    public SourceTree(SendOptions options, Manifest manifest, Func<string, Folder>? open = null)
    {
        _open = open ?? Folder.Open;
        (_options, _manifest, _excludes) = (options, manifest, new ExcludePatterns(options.Excludes));
        try
        {
            foreach (var path in options.Paths)
            {
                _roots.Add(OpenRoot(path));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Puts everything into the manifest, one entry at each step.</summary>
    /// <exception cref="ParleyException">A name, a link or a special file that cannot be sent.</exception>
    public IEnumerable<ManifestEntry> Walk()
    {
        if (_options.Stream is not null)
        {
            CheckName(Nfc.Of(_options.StreamName), _options.StreamName);
            yield return Add(new ManifestEntry(Nfc.Of(_options.StreamName), EntryKind.Stream, 0, 0, 0, false), null);
        }

        foreach (var root in _roots)
        {
            _firsts.Add((_manifest.Entries.Count, root));
            foreach (var entry in Visit(root, root.Parent, root.Name, root.Name, []))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Opens the file of an entry.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TransferChanged"/>: it is gone, or something else has its name now.</exception>
    public SafeFileHandle OpenFile(int entry)
    {
        var root = _firsts[_firsts.FindLastIndex(pair => pair.First <= entry)].Root;
        var path = _localPaths.GetValueOrDefault(entry) ?? _manifest.Entries[entry].Path;
        try
        {
            if (_options.FollowsLinks)
            {
                return OpenFollowing(Path.Combine(root.Folder, path));
            }

            return root.Cursor.EnterParent(path, makes: false)?.OpenFile(FolderCursor.NameOf(path), writes: false) ?? throw Gone();
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.TransferPath)
        {
            throw Gone();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw exception is FileNotFoundException or DirectoryNotFoundException ? Gone() : new ParleyException(ErrorCode.TransferFile, "The file cannot be read.", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var root in _roots)
        {
            root.Cursor.Dispose();
            root.Parent.Dispose();
        }
    }

    private IEnumerable<ManifestEntry> Visit(Root root, Folder folder, string name, string local, List<(ulong, ulong)> above)
    {
        var path = Nfc.Of(local);
        CheckName(path, local);
        var facts = Look(root, folder, name, local);
        if (facts.Type == FileType.File)
        {
            yield return Add(new ManifestEntry(path, EntryKind.File, facts.Size, facts.ModifiedNs, facts.Stamp, facts.IsExecutable), local);
            yield break;
        }

        if (_options.FollowsLinks && above.Contains((facts.Device, facts.Node)) && facts.Node != 0)
        {
            throw Refused(local, "leads into itself through a link");
        }

        yield return Add(new ManifestEntry(path, EntryKind.Folder, 0, facts.ModifiedNs, 0, false), local);
        using var inside = Enter(root, folder, name, local);
        above.Add((facts.Device, facts.Node));
        foreach (var child in List(inside, local))
        {
            var below = $"{local}/{child}";
            if (!_excludes.Match(below[(root.Name.Length + 1)..], LookAt(inside, child, below)?.Type == FileType.Folder))
            {
                foreach (var entry in Visit(root, inside, child, below, above))
                {
                    yield return entry;
                }
            }
        }

        above.RemoveAt(above.Count - 1);
    }

    private ManifestEntry Add(ManifestEntry entry, string? local)
    {
        if (local is not null && local != entry.Path)
        {
            _localPaths[_manifest.Entries.Count] = local;
        }

        try
        {
            _manifest.Add(entry);
        }
        catch (ParleyException exception) when (exception.Code == ErrorCode.TransferPath)
        {
            throw Refused(entry.Path, "has the name of another file or folder that is sent, at least on systems that ignore case");
        }

        return entry;
    }

    private FileFacts Look(Root root, Folder folder, string name, string local)
    {
        var facts = LookAt(folder, name, local) ?? throw Refused(local, "is not there any more");
        if (facts.Type == FileType.Link && _options.FollowsLinks)
        {
            facts = Follow(root, local);
        }

        return facts.Type switch
        {
            FileType.Link => throw Refused(local, "is a link; --follow-links sends what it leads to, --exclude leaves it out"),
            FileType.Special => throw Refused(local, "is no file and no folder; --exclude leaves it out"),
            _ => facts,
        };
    }

    // A folder may be listed by those who may not look at what is in it.
    private static FileFacts? LookAt(Folder folder, string name, string local)
    {
        try
        {
            return folder.Look(name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(local, "cannot be looked at; give leave to enter its folder, or --exclude it");
        }
    }

    private static FileFacts Follow(Root root, string local)
    {
        var path = Path.Combine(root.Folder, local);
        try
        {
            if (Directory.Exists(path))
            {
                using var folder = Folder.Open(path);
                return folder.Look(".") ?? throw Refused(local, "leads nowhere");
            }

            using var handle = Folder.OpenFollowing(path);
            return PosixFolder.FactsOf(handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Refused(local, "leads nowhere, or to something that cannot be read");
        }
    }

    private static SafeFileHandle OpenFollowing(string path)
    {
        var handle = Folder.OpenFollowing(path);
        if (PosixFolder.FactsOf(handle).Type == FileType.File)
        {
            return handle;
        }

        handle.Dispose();
        throw Gone();
    }

    private Folder Enter(Root root, Folder folder, string name, string local)
    {
        try
        {
            return (_options.FollowsLinks ? _open(Path.Combine(root.Folder, local)) : folder.Enter(name, makes: false)) ?? throw Refused(local, "is not there any more");
        }
        catch (IOException)
        {
            throw Refused(local, "cannot be opened");
        }
    }

    private static IReadOnlyList<string> List(Folder folder, string local)
    {
        try
        {
            return folder.List();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refused(local, "cannot be listed");
        }
    }

    private void CheckName(string path, string local)
    {
        if (local.Contains('\ufffd', StringComparison.Ordinal))
        {
            throw Refused(local, "has a name that is not UTF-8; rename it, or --exclude it");
        }

        if (SafePath.Refuse(path, _options.Limits) is { } reason)
        {
            throw Refused(local, $"{reason}; rename it, or --exclude it");
        }
    }

    private Root OpenRoot(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var (folder, name) = (Path.GetDirectoryName(full), Path.GetFileName(full));
        if (folder is null || name.Length == 0)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A whole file system has no name to send it under: name what is in it.");
        }

        try
        {
            var parent = _open(folder);
            if (parent.Look(name) is not null)
            {
                return new Root(parent, folder, name, new FolderCursor(parent));
            }

            parent.Dispose();
        }
        catch (IOException)
        {
            // The same as a name that is not there.
        }

        throw new ParleyException(ErrorCode.NotFound, $"There is no file or folder {path}.");
    }

    private static ParleyException Gone() => new(ErrorCode.TransferChanged, "The file is gone, or something else has its name now.");

    private static ParleyException Refused(string local, string reason) => new(ErrorCode.TransferPath, $"{local} {reason}.");

    private sealed record Root(Folder Parent, string Folder, string Name, FolderCursor Cursor);
}
