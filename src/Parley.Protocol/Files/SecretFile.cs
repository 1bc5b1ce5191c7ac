using System.Runtime.Versioning;
using System.Security.Cryptography;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Files;

/// <summary>Files and folders that only their owner may read: made so from the first byte, and refused later when someone widened them.</summary>
/// <remarks>On Windows the profile folder's access list does this; modes are neither set nor checked there.</remarks>
public static class SecretFile
{
    /// <summary>Largest secret file in bytes; keys and profiles are far smaller.</summary>
    public const int MaxBytes = 1024 * 1024;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a folder of mode 0700, or checks that the one there is not wider.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>, with the command that repairs it.</exception>
    public static void OpenFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"Others on this machine may enter the folder {path}. Run: chmod 700 {Quote(path)}");
        }
    }

    /// <summary>Reads a secret file whole.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>: others may read it, or we may not. <see cref="ErrorCode.InvalidArgument"/>: too large for a secret, or no file but a pipe or a device.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static byte[] Read(string path)
    {
        using var file = OpenRead(path);
        if (!OperatingSystem.IsWindows())
        {
            Check(file, path);
        }

        if (file.Length > MaxBytes)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The file {path} is too large for what it should hold.");
        }

        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Writes a secret file of mode 0600 whole or not at all: a new file takes the old one's place once its bytes are on the disk.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>: a symbolic link is there. To replace it would part what its owner joined, and to follow it would write secrets where the link leads.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"{path} is a symbolic link, and is not written through or replaced. Put the file itself there: mv {Quote(Path.GetFullPath(target, Path.GetDirectoryName(Path.GetFullPath(path))!))} {Quote(path)}");
        }

        var temporary = $"{path}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
        try
        {
            using (var file = new FileStream(temporary, Options()))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static FileStream OpenRead(string path)
    {
        try
        {
            return RegularFile.OpenRead(path);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"This user may not read {path}.", exception);
        }
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    // The mode of the open file, not of the path: nobody can swap the file in between.
    [UnsupportedOSPlatform("windows")]
    private static void Check(FileStream file, string path)
    {
        if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"Others on this machine may read {path}. Run: chmod 600 {Quote(path)}");
        }
    }

    private static string Quote(string path) =>
        path.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '.' or '_' or '-') ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
