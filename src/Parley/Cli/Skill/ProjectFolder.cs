using System.Security.Cryptography;
using Parley.Protocol.Errors;

namespace Parley.Cli.Skill;

/// <summary>The project that a skill is installed into. Nothing is read or written outside of it, links or not, and several files are written all or none.</summary>
internal sealed class ProjectFolder
{
    /// <summary>Largest file that is read, in bytes; configuration is far smaller.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const int MaxLinks = 40;
    private const UnixFileMode Text = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Program = Text | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private ProjectFolder(string path) => FullPath = path;

    /// <summary>Its real path.</summary>
    public string FullPath { get; }

    /// <summary>Opens a folder that exists.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>.</exception>
    public static ProjectFolder Open(string path)
    {
        var full = Path.GetFullPath(path);
        return Directory.Exists(full) ? new ProjectFolder(RealPath(full)) : throw new ParleyException(ErrorCode.NotFound, $"There is no folder {path}.");
    }

    /// <summary>Reads a file; null when there is none.</summary>
    /// <param name="path">Relative to the project, with slashes.</param>
    /// <exception cref="ParleyException">It is outside by a link, no file, too large or unreadable.</exception>
    public byte[]? Read(string path)
    {
        var real = Resolve(path);
        if (Directory.Exists(real))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"{path} is a folder. Nothing was changed.");
        }

        try
        {
            return !File.Exists(real) ? null
                : new FileInfo(real).Length <= MaxBytes ? File.ReadAllBytes(real)
                : throw new ParleyException(ErrorCode.InvalidArgument, $"{path} is too large. Nothing was changed.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"This user may not read {path}. Nothing was changed.", exception);
        }
    }

    /// <summary>Prepares to write a file.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>: it is read-only, or a link leads out of the project.</exception>
    public ProjectWrite Plan(string path, byte[] content, bool isProgram)
    {
        var real = Resolve(path);
        if (OperatingSystem.IsWindows() || !File.Exists(real))
        {
            return new ProjectWrite(real, content, isProgram ? Program : Text);
        }

        // A new file takes the old one's place, which the old one's mode does not stop; so it is asked here, of root too.
        var mode = File.GetUnixFileMode(real);
        return (mode & UnixFileMode.UserWrite) != 0
            ? new ProjectWrite(real, content, mode)
            : throw new ParleyException(ErrorCode.FilePermissions, $"{path} is read-only. Nothing was changed.");
    }

    /// <summary>Writes all of them: first beside their places, then by renaming, so that what cannot be written is known before anything changes.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>.</exception>
    public static void Write(IReadOnlyList<ProjectWrite> writes)
    {
        var made = new Stack<string>();
        var prepared = new List<(string Temporary, string Path)>();
        try
        {
            foreach (var write in writes)
            {
                MakeFolder(Path.GetDirectoryName(write.Path)!, made);
                var temporary = $"{write.Path}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
                prepared.Add((temporary, write.Path));
                WriteNew(temporary, write);
            }

        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Undo(prepared, made);
            throw new ParleyException(ErrorCode.FilePermissions, $"Cannot write: {exception.Message} Nothing was changed.", exception);
        }

        foreach (var (temporary, path) in prepared)
        {
            File.Move(temporary, path, overwrite: true);
        }
    }

    private static void Undo(List<(string Temporary, string Path)> prepared, Stack<string> made)
    {
        foreach (var (temporary, _) in prepared)
        {
            File.Delete(temporary);
        }

        foreach (var folder in made.Where(folder => Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            Directory.Delete(folder);
        }
    }

    private static void MakeFolder(string folder, Stack<string> made)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        MakeFolder(Path.GetDirectoryName(folder)!, made);
        Directory.CreateDirectory(folder);
        made.Push(folder);
    }

    private static void WriteNew(string path, ProjectWrite write)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = write.Mode;
        }

        using var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows() && File.Exists(write.Path))
        {
            // The umask took some of it away, which is right for a new file only.
            File.SetUnixFileMode(file.SafeFileHandle, write.Mode);
        }

        file.Write(write.Content);
    }

    private string Resolve(string path)
    {
        var real = RealPath(Path.Combine(FullPath, path));
        return real.StartsWith(Path.TrimEndingDirectorySeparator(FullPath) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? real
            : throw new ParleyException(ErrorCode.PermissionDenied, $"{path} leads out of {FullPath} by a link. Nothing was changed.");
    }

    // The path with every link followed, also where its end does not exist yet.
    private static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path)!;
        var left = new Stack<string>(Parts(path[real.Length..]));
        for (var links = 0; left.TryPop(out var part);)
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new ParleyException(ErrorCode.InvalidArgument, $"Too many links on the way to {path}.");
            }

            if (Path.IsPathRooted(target))
            {
                real = Path.GetPathRoot(target)!;
                target = target[real.Length..];
            }

            foreach (var inner in Parts(target))
            {
                left.Push(inner);
            }
        }

        return real;
    }

    // Last part first, as a stack takes them.
    private static IEnumerable<string> Parts(string path) =>
        path.Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();
}
