using System.Security.Cryptography;
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
        string? temporary = null;
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

            // Under its own name a file is whole: a full disk leaves nothing that looks like one.
            temporary = Path.Combine(folder, $".{RandomNumberGenerator.GetHexString(16, lowercase: true)}.part");
            Write(temporary, content);
            var plain = SafeFileName.From(name);
            for (var number = 0; number < MaxTries; number++)
            {
                var path = Path.Combine(folder, number == 0 ? plain : Numbered(plain, number));
                if (TryMove(temporary, path))
                {
                    return path;
                }
            }

            throw new ParleyException(ErrorCode.ResponderFailed, "The listener has too many files of this name.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.ResponderFailed, "The listener's folder takes no file.", exception);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>Writes a new file (0600).</summary>
    private static void Write(string path, Body content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(content.Bytes.Span);
    }

    /// <summary>Gives a file its name; false when something has that name, a dangling link included.</summary>
    private static bool TryMove(string from, string path)
    {
        try
        {
            File.Move(from, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path) || Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return false;
        }
    }

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It stays, under a name that no sender chose.
        }
    }

    private static string Numbered(string name, int number) => $"{Path.GetFileNameWithoutExtension(name)} ({number}){Path.GetExtension(name)}";
}
