using Microsoft.Win32.SafeHandles;

namespace Parley.Client.Transfer.Disk;

/// <summary>A folder as a directory handle.</summary>
internal sealed class PosixFolder : Folder
{
    private const int FolderMode = 0x1FF; // 0777, less the user's mask
    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private PosixFolder(int descriptor, string path) => (_handle, _path) = (new SafeFileHandle(descriptor, ownsHandle: true), path);

    private int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Opens a folder by its path, following links.</summary>
    public static PosixFolder OpenPath(string path)
    {
        var descriptor = Libc.OpenAt(Libc.WorkingFolder, path, Libc.FolderOnly | Libc.CloseOnExec, 0);
        return descriptor >= 0 ? new PosixFolder(descriptor, path) : throw Failed("open the folder", Libc.Error);
    }

    /// <summary>Opens whatever a path leads to, following links.</summary>
    public static SafeFileHandle OpenAny(string path)
    {
        var descriptor = Libc.OpenAt(Libc.WorkingFolder, path, Libc.CloseOnExec, 0);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) :
            Libc.Error == Libc.NoEntry ? throw new FileNotFoundException("There is no such file.") : throw Failed("open a file", Libc.Error);
    }

    /// <inheritdoc/>
    public override Folder? Enter(string name, bool makes)
    {
        const int Tries = 2;
        for (var attempt = 0; ; attempt++)
        {
            var descriptor = Libc.OpenAt(Descriptor, name, Libc.FolderOnly | Libc.NoFollow | Libc.CloseOnExec, 0);
            if (descriptor >= 0)
            {
                return new PosixFolder(descriptor, $"{_path}/{name}");
            }

            var error = Libc.Error;
            if (error != Libc.NoEntry)
            {
                // A link says "not a folder" here, and on some systems "too many links".
                throw error == Libc.NotFolder || Libc.IsLoop(error) ? NoFolder() : Failed("open a folder", error);
            }

            if (!makes)
            {
                return null;
            }

            if (attempt == Tries || (Libc.MakeFolder(Descriptor, name, FolderMode) != 0 && Libc.Error != Libc.Exists))
            {
                throw Failed("make a folder", Libc.Error);
            }
        }
    }

    /// <inheritdoc/>
    public override FileFacts? Look(string name)
    {
        if (OperatingSystem.IsLinux())
        {
            var error = Libc.Look(Descriptor, name, out var facts);
            return error == 0 ? facts : error is Libc.NoEntry or Libc.NotFolder ? null : throw Failed("look at a name", error);
        }

        var descriptor = Libc.OpenAt(Descriptor, name, Libc.NoFollow | Libc.CloseOnExec, 0);
        if (descriptor < 0)
        {
            var error = Libc.Error;
            return error == Libc.NoEntry ? null : new FileFacts(Libc.IsLoop(error) ? FileType.Link : FileType.Special, 0, 0, false, 0, 0, 0);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return FactsOf(handle);
    }

    /// <inheritdoc/>
    public override SafeFileHandle? Create(string name, int mode)
    {
        var descriptor = Libc.OpenAt(Descriptor, name, Libc.CreateNew | Libc.ReadWrite | Libc.NoFollow | Libc.CloseOnExec, mode);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : Libc.Error == Libc.Exists ? null : throw Failed("create a file", Libc.Error);
    }

    /// <inheritdoc/>
    public override SafeFileHandle? OpenFile(string name, bool writes)
    {
        var descriptor = Libc.OpenAt(Descriptor, name, (writes ? Libc.ReadWrite : 0) | Libc.NoFollow | Libc.CloseOnExec, 0);
        if (descriptor < 0)
        {
            var error = Libc.Error;
            return error is Libc.NoEntry or Libc.IsFolder or Libc.NotFolder or Libc.NoDevice || Libc.IsLoop(error) ? null : throw Failed("open a file", error);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FactsOf(handle).Type == FileType.File)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>What the system says of an open file.</summary>
    public static FileFacts FactsOf(SafeFileHandle handle)
    {
        if (OperatingSystem.IsLinux())
        {
            var error = Libc.Look((int)handle.DangerousGetHandle(), string.Empty, out var facts);
            return error == 0 ? facts : throw Failed("look at a file", error);
        }

        return CheckedFolder.FactsOf(handle);
    }

    /// <inheritdoc/>
    public override bool TryName(string temporary, string name) =>
        Libc.RenameNew(Descriptor, temporary, name) == 0 || (Libc.Error == Libc.Exists ? false : throw Failed("name a file", Libc.Error));

    /// <inheritdoc/>
    public override void Replace(string temporary, string name) => Check(Libc.Rename(Descriptor, temporary, Descriptor, name), "replace a file");

    /// <inheritdoc/>
    public override void Delete(string name)
    {
        if (Libc.Unlink(Descriptor, name, 0) != 0 && Libc.Error != Libc.NoEntry)
        {
            throw Failed("remove a file", Libc.Error);
        }
    }

    /// <inheritdoc/>
    public override void DeleteFolder(string name) => Check(Libc.Unlink(Descriptor, name, Libc.RemoveFolder), "remove a folder");

    /// <inheritdoc/>
    public override void SetModified(long modifiedNs) => Check(Libc.SetModified(Descriptor, modifiedNs), "set a time");

    /// <inheritdoc/>
    public override void SetModified(SafeFileHandle file, long modifiedNs) => Check(Libc.SetModified((int)file.DangerousGetHandle(), modifiedNs), "set a time");

    /// <inheritdoc/>
    public override IReadOnlyList<string> List()
    {
        // The handle's own folder, wherever its name leads by now. Elsewhere than on Linux there is no such path; what is listed is only opened through handles.
        var path = OperatingSystem.IsLinux() ? $"/proc/self/fd/{Descriptor}" : _path;
        var names = Directory.EnumerateFileSystemEntries(path, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(static entry => Path.GetFileName(entry)).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc/>
    public override void Sync() => Check(Libc.Sync(Descriptor), "sync a folder");

    /// <inheritdoc/>
    public override void Dispose() => _handle.Dispose();

    private static void Check(int result, string what)
    {
        if (result != 0)
        {
            throw Failed(what, Libc.Error);
        }
    }

    private static IOException Failed(string what, int error) => new($"Could not {what}: error {error}.", error);
}
