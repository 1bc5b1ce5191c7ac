using Microsoft.Win32.SafeHandles;
using Parley.Protocol.Errors;

namespace Parley.Client.Transfer.Disk;

/// <summary>An open folder. Everything is asked of it by one plain name, so that nobody who moves folders about can lead a transfer elsewhere: no name is ever followed through a link.</summary>
/// <remarks>On Unix a directory handle and the <c>*at</c> calls; elsewhere paths, with a check of each name before its use that fails closed.</remarks>
internal abstract class Folder : IDisposable
{
    /// <summary>Opens a folder that the user named; here, and only here, links are followed.</summary>
    /// <exception cref="IOException">There is none, or it cannot be opened.</exception>
    public static Folder Open(string path) => OperatingSystem.IsWindows() ? new CheckedFolder(path) : PosixFolder.OpenPath(path);

    /// <summary>Opens what a path leads to for reading, following links; a pipe does not keep anybody waiting.</summary>
    /// <exception cref="IOException">There is nothing, or it cannot be opened.</exception>
    public static SafeFileHandle OpenFollowing(string path) =>
        OperatingSystem.IsWindows() ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : PosixFolder.OpenAny(path);

    /// <summary>Opens a folder in here.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="makes">Whether it is made when missing.</param>
    /// <returns>The folder; null when there is none and none is made.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.TransferPath"/>: something else has that name, a link for example.</exception>
    public abstract Folder? Enter(string name, bool makes);

    /// <summary>What is behind a name; null when nothing is.</summary>
    public abstract FileFacts? Look(string name);

    /// <summary>Creates a file; null when something has that name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mode">Unix mode, less what the user's mask takes away.</param>
    public abstract SafeFileHandle? Create(string name, int mode);

    /// <summary>Opens a regular file for reading, and for writing where asked; null when there is none, or something else.</summary>
    public abstract SafeFileHandle? OpenFile(string name, bool writes);

    /// <summary>Gives a file its name, unless something has that name already.</summary>
    /// <returns>False when something has.</returns>
    public abstract bool TryName(string temporary, string name);

    /// <summary>Gives a file its name; what had it is gone, a link itself and not what it leads to.</summary>
    public abstract void Replace(string temporary, string name);

    /// <summary>Removes a file or a link; nothing happens when there is none.</summary>
    public abstract void Delete(string name);

    /// <summary>Removes an empty folder.</summary>
    public abstract void DeleteFolder(string name);

    /// <summary>Sets the folder's own time of last write.</summary>
    public abstract void SetModified(long modifiedNs);

    /// <summary>Sets a file's time of last write.</summary>
    public abstract void SetModified(SafeFileHandle file, long modifiedNs);

    /// <summary>What is in here.</summary>
    public abstract IReadOnlyList<string> List();

    /// <summary>Forces names in here to the disk.</summary>
    public abstract void Sync();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>The refusal of a name that leads elsewhere or is no folder.</summary>
    protected static ParleyException NoFolder() => new(ErrorCode.TransferPath, "A folder's name is taken by a link or a file.");
}
