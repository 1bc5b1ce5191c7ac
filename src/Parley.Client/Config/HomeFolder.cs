using Parley.Protocol.Errors;
using Parley.Protocol.Files;

namespace Parley.Client.Config;

/// <summary>Where one agent keeps its keys, profile and journal: a folder that only its owner may enter. Two agents on one machine are two homes.</summary>
public sealed class HomeFolder
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "PARLEY_HOME";

    private const string DefaultName = ".parley";
    private const string LockEnding = ".lock";

    private HomeFolder(string path) => FullPath = path;

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>Opens the home, and makes it (mode 0700) where there is none.</summary>
    /// <param name="overridePath">The value of <c>--home</c>; it wins over <see cref="Variable"/>, which wins over <c>~/.parley</c>.</param>
    /// <param name="environment">Reads a variable of the environment.</param>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.FilePermissions"/>: others may enter the folder, or it cannot be made. <see cref="ErrorCode.InvalidArgument"/>: nothing says where the home is.
    /// </exception>
    public static HomeFolder Open(string? overridePath, Func<string, string?> environment)
    {
        var path = Locate(overridePath, environment);
        try
        {
            SecretFile.OpenFolder(path);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"The home folder {path} cannot be made or opened.", exception);
        }

        return new HomeFolder(path);
    }

    /// <summary>The full path of a file in the home.</summary>
    /// <param name="name">A plain name, without folders.</param>
    public string PathOf(string name)
    {
        if (name != Path.GetFileName(name) || name is "" or "." or "..")
        {
            throw new ArgumentException("A file of the home is named without folders.", nameof(name));
        }

        return Path.Combine(FullPath, name);
    }

    /// <summary>Whether the home has a file of this name.</summary>
    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>Reads a secret file; null when there is none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>: others may read it.</exception>
    public byte[]? ReadSecret(string name) => Has(name) ? SecretFile.Read(PathOf(name)) : null;

    /// <summary>Writes a secret file (mode 0600) whole or not at all.</summary>
    public void WriteSecret(string name, ReadOnlySpan<byte> content) => SecretFile.Write(PathOf(name), content);

    /// <summary>Takes a lock that other Parley processes respect, until disposed or until this process ends, however it ends.</summary>
    /// <param name="name">What is locked; the file <c>NAME.lock</c> stays behind and means nothing by itself.</param>
    /// <returns>Null when another process, or another part of this one, holds it.</returns>
    public IDisposable? TryLock(string name)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(PathOf(name + LockEnding), options);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The full path where the home is or would be; nothing is made.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>: nothing says where the home is.</exception>
    public static string Locate(string? overridePath, Func<string, string?> environment)
    {
        var named = string.IsNullOrEmpty(overridePath) ? environment(Variable) : overridePath;
        if (!string.IsNullOrEmpty(named))
        {
            return Path.GetFullPath(named);
        }

        var user = environment(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
        return string.IsNullOrEmpty(user)
            ? throw new ParleyException(ErrorCode.InvalidArgument, $"No home folder is known: give --home DIR or set {Variable}.")
            : Path.GetFullPath(Path.Combine(user, DefaultName));
    }
}
