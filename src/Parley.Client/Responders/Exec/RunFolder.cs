using Microsoft.Extensions.Logging;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Client.Responders.Exec;

/// <summary>The private folder of one run: files that came with the message, and the place for those that go back. Gone when the run is.</summary>
internal sealed partial class RunFolder : IDisposable
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode0600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _root;
    private readonly ILogger _log;

    private RunFolder(string root, ILogger log)
    {
        _root = root;
        _log = log;
        Output = Path.Combine(root, "out");
    }

    /// <summary>What the command leaves here comes back with the reply.</summary>
    public string Output { get; }

    /// <summary>The message's content as a file, for type file.</summary>
    public string? ContentFile { get; private set; }

    /// <summary>Folder of the attachments, when there are any.</summary>
    public string? Attachments { get; private set; }

    /// <summary>Paths of the attachments, in the order of the message.</summary>
    public List<string> AttachmentFiles { get; } = [];

    /// <summary>Makes the folder (0700) and writes the message's files (0600) into it.</summary>
    /// <param name="parent">Existing folder.</param>
    /// <param name="request">The message.</param>
    /// <param name="fill">For a name that nobody can guess: the parent may be a shared /tmp.</param>
    /// <param name="saveContent">True: the content becomes a file even if the message is not of type file.</param>
    /// <param name="log">For a folder that cannot be removed.</param>
    public static RunFolder Create(string parent, ResponderRequest request, FillRandom fill, bool saveContent, ILogger log)
    {
        Span<byte> random = stackalloc byte[16];
        fill(random);
        var folder = new RunFolder(Path.Combine(parent, "parley-run-" + Convert.ToHexStringLower(random)), log);
        try
        {
            MakeFolder(folder._root);
            MakeFolder(folder.Output);
            if (saveContent || request.Type == MessageType.File)
            {
                MakeFolder(Path.Combine(folder._root, "in"));
                folder.ContentFile = Write(Path.Combine(folder._root, "in"), request.FileName, request.Content);
            }

            if (request.Files.Count > 0)
            {
                folder.Attachments = Path.Combine(folder._root, "files");
                MakeFolder(folder.Attachments);
                folder.AttachmentFiles.AddRange(request.Files.Select(file => Write(folder.Attachments, file.Name, file.Content)));
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Remove(new DirectoryInfo(_root));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(exception, _root);
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode);
        }
    }

    private static string Write(string folder, string? name, Body content)
    {
        var safe = SafeFileName.From(name);
        var path = Path.Combine(folder, safe);
        for (var number = 2; File.Exists(path); number++)
        {
            path = Path.Combine(folder, $"{number}-{safe}");
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = FileMode0600;
        }

        using var file = new FileStream(path, options);
        file.Write(content.Bytes.Span);
        return path;
    }

    // The command may have taken its own rights away, so folders are opened up on the way. Links are removed, never followed.
    private static void Remove(DirectoryInfo folder)
    {
        if (!folder.Exists)
        {
            return;
        }

        if (!OperatingSystem.IsWindows())
        {
            folder.UnixFileMode = FolderMode;
        }

        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo inner && entry.LinkTarget is null)
            {
                Remove(inner);
            }
            else
            {
                entry.Delete();
            }
        }

        folder.Delete();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder of a run could not be removed: {Path}")]
    private partial void LogNotRemoved(Exception exception, string path);
}
