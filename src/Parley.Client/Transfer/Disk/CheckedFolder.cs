using Microsoft.Win32.SafeHandles;

namespace Parley.Client.Transfer.Disk;

/// <summary>A folder as a path, for systems without directory handles: each name is looked at before it is used, and one that is a link or a reparse point is refused.</summary>
/// <remarks>Between look and use somebody who may write here could swap a name; only that user's own processes may, by the access list of the profile.</remarks>
internal sealed class CheckedFolder(string path) : Folder
{
    private readonly string _path = Path.GetFullPath(path) is var full && Directory.Exists(full) ? full : throw new DirectoryNotFoundException("There is no such folder.");

    /// <inheritdoc/>
    public override Folder? Enter(string name, bool makes)
    {
        switch (Look(name)?.Type)
        {
            case FileType.Folder:
                break;
            case null when makes:
                Directory.CreateDirectory(At(name));
                break;
            case null:
                return null;
            default:
                throw NoFolder();
        }

        return Look(name)?.Type == FileType.Folder ? new CheckedFolder(At(name)) : throw NoFolder();
    }

    /// <inheritdoc/>
    public override FileFacts? Look(string name)
    {
        CheckSelf();
        var file = new FileInfo(At(name));
        if ((int)file.Attributes == -1)
        {
            return null;
        }

        var attributes = file.Attributes;
        var isFolder = (attributes & FileAttributes.Directory) != 0;
        return new FileFacts(TypeOf(attributes), isFolder ? 0 : file.Length, Nanoseconds(file.LastWriteTimeUtc), false, Nanoseconds(file.CreationTimeUtc), 0, 0);
    }

    /// <inheritdoc/>
    public override SafeFileHandle? Create(string name, int mode)
    {
        CheckSelf();
        return Look(name) is null ? File.OpenHandle(At(name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete) : null;
    }

    /// <inheritdoc/>
    public override SafeFileHandle? OpenFile(string name, bool writes) =>
        Look(name)?.Type == FileType.File
            ? File.OpenHandle(At(name), FileMode.Open, writes ? FileAccess.ReadWrite : FileAccess.Read, FileShare.Read | FileShare.Delete)
            : null;

    /// <inheritdoc/>
    public override bool TryName(string temporary, string name)
    {
        CheckSelf();
        if (Look(name) is not null)
        {
            return false;
        }

        File.Move(At(temporary), At(name), overwrite: false);
        return true;
    }

    /// <inheritdoc/>
    public override void Replace(string temporary, string name)
    {
        CheckSelf();
        if (Look(name)?.Type == FileType.Link)
        {
            File.Delete(At(name));
        }

        File.Move(At(temporary), At(name), overwrite: true);
    }

    /// <inheritdoc/>
    public override void Delete(string name)
    {
        CheckSelf();
        File.Delete(At(name));
    }

    /// <inheritdoc/>
    public override void DeleteFolder(string name)
    {
        CheckSelf();
        Directory.Delete(At(name), recursive: false);
    }

    /// <inheritdoc/>
    public override void SetModified(long modifiedNs)
    {
        CheckSelf();
        Directory.SetLastWriteTimeUtc(_path, Moment(modifiedNs));
    }

    /// <inheritdoc/>
    public override void SetModified(SafeFileHandle file, long modifiedNs) => File.SetLastWriteTimeUtc(file, Moment(modifiedNs));

    /// <inheritdoc/>
    public override IReadOnlyList<string> List()
    {
        CheckSelf();
        return [.. Directory.EnumerateFileSystemEntries(_path, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(static entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public override void Sync()
    {
        // The system has no call for it; files are flushed one by one.
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }

    /// <summary>What the runtime says of an open file, on every system.</summary>
    public static FileFacts FactsOf(SafeFileHandle handle)
    {
        var attributes = File.GetAttributes(handle);
        var isFolder = (attributes & FileAttributes.Directory) != 0;
        var isExecutable = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & UnixFileMode.UserExecute) != 0;
        return new FileFacts(
            TypeOf(attributes), isFolder ? 0 : RandomAccess.GetLength(handle), Nanoseconds(File.GetLastWriteTimeUtc(handle)), isExecutable, Nanoseconds(File.GetCreationTimeUtc(handle)), 0, 0);
    }

    private static FileType TypeOf(FileAttributes attributes) =>
        (attributes & FileAttributes.ReparsePoint) != 0 ? FileType.Link :
        (attributes & FileAttributes.Directory) != 0 ? FileType.Folder :
        (attributes & FileAttributes.Device) != 0 ? FileType.Special : FileType.File;

    private static long Nanoseconds(DateTime moment) => (moment - DateTime.UnixEpoch).Ticks * 100;

    private static DateTime Moment(long nanoseconds) => DateTime.UnixEpoch.AddTicks(nanoseconds / 100);

    private string At(string name) => Path.Combine(_path, name);

    private void CheckSelf()
    {
        if ((new DirectoryInfo(_path).Attributes & FileAttributes.ReparsePoint) != 0)
        {
            throw NoFolder();
        }
    }
}
