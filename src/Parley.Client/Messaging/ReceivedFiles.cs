using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;

namespace Parley.Client.Messaging;

/// <summary>Saves files that came with messages: under a plain name, inside one folder, never over an existing file, never through a link.</summary>
public static class ReceivedFiles
{
    private const int MaxTries = 1000;

    /// <summary>Saves a file.</summary>
    /// <param name="folder">The folder; made when missing.</param>
    /// <param name="name">The sender's word for the file.</param>
    /// <param name="content">The bytes.</param>
    /// <returns>The path it was saved under.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.ResponderFailed"/>: the folder takes no file.</exception>
    public static string Save(string folder, string? name, Body content)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            var plain = SafeFileName.From(name);
            for (var number = 0; number < MaxTries; number++)
            {
                var path = Path.Combine(folder, number == 0 ? plain : Numbered(plain, number));
                if (TryCreate(path) is { } file)
                {
                    using (file)
                    {
                        file.Write(content.Bytes.Span);
                    }

                    return path;
                }
            }

            throw new ParleyException(ErrorCode.ResponderFailed, "The listener has too many files of this name.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The listener's folder takes no file.", exception);
        }
    }

    /// <summary>Creates a new file (0600); null when something has that name, a dangling link included.</summary>
    private static FileStream? TryCreate(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return null;
        }
    }

    private static string Numbered(string name, int number) => $"{Path.GetFileNameWithoutExtension(name)} ({number}){Path.GetExtension(name)}";
}
